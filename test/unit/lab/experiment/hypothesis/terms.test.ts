import { expect, test } from 'vitest';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { numberOf, parseDuration, parseQuantity, printHypothesis } from '#lab/experiment/hypothesis/terms.ts';

const given = { variants: ['a'], faults: ['crash'], phases: ['1', 'busy hour'], classes: ['slow', 'quick'] };

test('parseHypothesis reads a class and a deadline, in any order', () => {
  const text = 'goodput(a, 500ms, class slow) > 0.9';
  const window = { part: 'class', class: 'slow' };
  const hypothesis = parseHypothesis('goodput(a, class slow, 500ms) > 0.9', given);
  expect(hypothesis.left).toEqual({ metric: 'goodput', variant: 'a', deadlineMs: 500, window });
  expect(printHypothesis(hypothesis)).toBe(text);
  expect(parseHypothesis(text, given)).toEqual(hypothesis);
});

test('parseHypothesis reads what follows a phase, with any spaces', () => {
  const hypothesis = parseHypothesis('metastable(a, after  phase  1) == 0', given);
  expect(hypothesis.left).toMatchObject({ window: { part: 'after phase', phase: '1' } });
  expect(printHypothesis(hypothesis)).toBe('metastable(a, after phase 1) == 0');
});

test.each([
  ['goodput(a, after phase 3) > 0.9', 'column 24: unknown phase 3, expected one of 1, busy hour'],
  ['metastable(a, after phase busy hour) == 0', 'column 27: expected a phase that another follows, got "bu'],
  ['p99(a, class slow, class quick) < 1s', 'column 20: expected ), got "class quick"'],
  ['p99(a, after crash, class slow) < 1s', 'column 21: expected ), got "class slow"'],
  ['timeToRecover(a, class slow) < 1s', 'column 18: expected after and a fault, or after phase'],
  ['attempts(a, class fast) < 5', 'column 19: unknown class fast, expected one of slow, quick'],
])('parseHypothesis refuses "%s" and says where', (text, message) => {
  expect(() => parseHypothesis(text, given)).toThrow(message);
});

test.each([
  ['0.95', 0.95, 0.95],
  ['95%', 95, 0.95],
  ['57 %', 57, 0.57],
  ['250ms', 250, 250],
  ['1.5 s', 1.5, 1500],
  ['2.01s', 2.01, 2010],
  ['1e-7', 1e-7, 1e-7],
  ['5e+21', 5e21, 5e21],
])('parseQuantity reads %s', (text, amount, value) => {
  const quantity = parseQuantity(text)!;
  expect(quantity.amount).toBe(amount);
  expect(numberOf(quantity)).toBe(value);
});

test.each(['', '-1', '.5', '1.', '1,5', '5 min', '5MS', '1e999', 'NaN', '0x10', ' 1'])(
  'parseQuantity refuses "%s"',
  (text) => expect(parseQuantity(text)).toBeUndefined(),
);

test('parseDuration takes a time above 0 and up to an hour', () => {
  expect(['0.1ms', '3600s', '250ms'].map(parseDuration)).toEqual([0.1, 3_600_000, 250]);
  expect(['0ms', '3601s', '250', '5%'].map(parseDuration)).toEqual(Array(4).fill(undefined));
});
