import { expect, test } from 'vitest';
import {
  breaker,
  oneOption,
  onePolicy,
  optionContrasts,
  policyContrasts,
} from '#lab/report/conclusion/contrasts.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

const pair = (...names: string[]) => pick(makeResult(), ...names);

test('policyContrasts finds each pair that differs by one policy', () => {
  const pairs = policyContrasts(makeResult()).map((c) => `${c.with.name} = ${c.without.name} + ${c.policy}`);
  expect(pairs.sort()).toEqual([
    'rpc-bulkhead-16 = rpc-retries + bulkhead',
    'rpc-bulkhead-40 = rpc-nothing + bulkhead',
    'rpc-guarded = rpc-retries-bulkhead-40 + breaker',
    'rpc-retries = rpc-nothing + retry',
    'rpc-retries-bulkhead-40 = rpc-bulkhead-40 + retry',
    'rpc-retries-bulkhead-40 = rpc-retries + bulkhead',
  ]);
});

test('policyContrasts leaves out pairs that differ elsewhere, too', () => {
  const result = pair('rpc-nothing', 'rpc-retries');
  const config = { ...result.variants[1]!.config, downstream: { idempotent: false } };
  expect(policyContrasts(alter(result, 'rpc-nothing', { config }))).toEqual([]);
});

test('optionContrasts finds the numbers in which alone variants differ', () => {
  const found = optionContrasts(makeResult()).map(({ option, steps }) => [
    option,
    steps.map(({ value }) => value),
  ]);
  expect(found).toEqual([
    ['gateway.policies.bulkhead.concurrency', [16, 40]],
    ['consumer.concurrency', [8, 16, 48]],
  ]);
});

test('breaker is blamed when it refuses more than failed without it', () => {
  expect(said(breaker, makeResult())).toEqual([
    'bad: The breaker makes a partial failure worse',
    'rpc-guarded completes only 17 % of the requests in time; rpc-retries-bulkhead-40, the same pipeline without the breaker, completes 75 %. The breaker refuses 83 %, although only 0.5 % fail without it.',
  ]);
});

test('breaker is not blamed without a twin that has none', () => {
  expect(said(breaker, pair('rpc-guarded', 'rpc-bulkhead-16', 'events-16'))).toEqual([]);
});

test('breaker is not blamed when as much failed without it, nor when the goodput is the same', () => {
  const result = pair('rpc-guarded', 'rpc-retries-bulkhead-40');
  const failing = { outcomes: outcomesOf({ ok: 1000, failed: 1000 }), goodput: 0.5 };
  expect(said(breaker, alter(result, 'rpc-retries-bulkhead-40', failing))).toEqual([]);
  expect(said(breaker, alter(result, 'rpc-guarded', { goodput: 0.73 }))).toEqual([]);
});

test('onePolicy says what helps, and what costs without helping', () => {
  expect(said(onePolicy, pair('rpc-nothing', 'rpc-retries', 'rpc-bulkhead-40'))).toEqual([
    'note: What one more policy changes',
    'bulkhead helps: rpc-nothing completes 2.5 % in time, rpc-bulkhead-40 71 %.',
    'retry does not help: rpc-nothing completes 2.5 % in time, rpc-retries 2.5 %, at 3.92 instead of 1 attempt per request.',
  ]);
});

test('onePolicy names the policy that makes it worse', () => {
  const result = alter(pair('rpc-nothing', 'rpc-bulkhead-40'), 'rpc-nothing', { goodput: 0.9 });
  expect(said(onePolicy, result)[1]).toBe(
    'bulkhead makes it worse: rpc-nothing completes 90 % in time, rpc-bulkhead-40 71 %.',
  );
});

test('onePolicy says nothing of a policy without effect, and leaves the breaker that turns all down to its own rule', () => {
  const none = alter(pair('rpc-nothing', 'rpc-bulkhead-40'), 'rpc-nothing', { goodput: 0.7 });
  expect(said(onePolicy, none)).toEqual([]);
  expect(said(onePolicy, pair('rpc-guarded', 'rpc-retries-bulkhead-40'))).toEqual([]);
});

test('oneOption says which value is best, and that more can be worse', () => {
  expect(said(oneOption, makeResult())).toEqual([
    'note: One number decides: bulkhead concurrency',
    'Goodput with a bulkhead concurrency of 16 in rpc-bulkhead-16: 100 %; 40 in rpc-retries-bulkhead-40: 75 %. More is worse.',
    'note: One number decides: consumer concurrency',
    'Goodput with a consumer concurrency of 8 in events-8: 81 %; 16 in events-16: 100 %; 48 in events-48: 59 %. Less is worse, and so is more.',
  ]);
});

test('oneOption draws no such lesson where the largest value is best', () => {
  expect(said(oneOption, pair('events-8', 'events-16'))[1]).toMatch(/16 in events-16: 100 %\.$/);
});

test('oneOption does not call a value worse that does as well', () => {
  const result = alter(pair('events-8', 'events-16', 'events-48'), 'events-48', { goodput: 0.98 });
  expect(said(oneOption, result)[1]).toMatch(/48 in events-48: 98 %\.$/);
});

test('oneOption says nothing of a number without effect', () => {
  expect(said(oneOption, alter(pair('events-8', 'events-16'), 'events-8', { goodput: 0.97 }))).toEqual([]);
});
