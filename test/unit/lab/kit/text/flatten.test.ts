import { expect, test } from 'vitest';
import { flatten, pipelinesOf } from '#lab/kit/text/flatten.ts';

const retry = { retry: { maxRetries: 3, backoff: { baseMs: 20 } } };
const timeout = { timeout: { ms: 120 } };

test('flatten makes dotted keys', () => {
  expect([...flatten({ a: { b: 1, c: { d: 'x' } }, e: null })]).toEqual([
    ['a.b', 1],
    ['a.c.d', 'x'],
    ['e', null],
  ]);
});

test('flatten shows a pipeline as its order and the options of each policy', () => {
  expect([...flatten({ policies: [retry, timeout] })]).toEqual([
    ['policies', 'retry → timeout'],
    ['policies.retry.maxRetries', 3],
    ['policies.retry.backoff.baseMs', 20],
    ['policies.timeout.ms', 120],
  ]);
});

test('flatten distinguishes two policies of the same kind', () => {
  const flat = flatten({ policies: [timeout, retry, { timeout: { ms: 50 } }] });
  expect(flat.get('policies.timeout.ms')).toBe(120);
  expect(flat.get('policies.timeout#2.ms')).toBe(50);
});

test('flatten names an empty pipeline and keeps other lists whole', () => {
  const flat = flatten({ policies: [], ports: [1, 2], rest: {} });
  expect([...flat]).toEqual([
    ['policies', 'none'],
    ['ports', [1, 2]],
    ['rest', {}],
  ]);
});

test('flatten gives an undefined option no key', () => {
  expect([...flatten({ a: { b: undefined, c: 1 } })]).toEqual([['a.c', 1]]);
});

test('pipelinesOf finds pipelines at any depth', () => {
  const pipelines = pipelinesOf({ consumer: { policies: [timeout] }, gateway: { policies: [] }, ports: [1] });
  expect([...pipelines]).toEqual([
    ['consumer.policies', [timeout]],
    ['gateway.policies', []],
  ]);
});
