import { expect, test } from 'vitest';
import { parseFineRange, parseValues, sizeOf, valueAt } from '#lab/explore/values.ts';

test.each([
  ['0..5', [0, 1, 2, 3, 4, 5]], // whole numbers
  ['40..200/40', [40, 80, 120, 160, 200]],
  ['1..4/2', [1, 3]], // the end is left out if no step reaches it
  ['1..90', [...Array.from({ length: 18 }, (_, i) => 1 + 5 * i), 90]], // without a step it is a value
  ['0.1..0.4/0.1', [0.1, 0.2, 0.3, 0.4]], // without 0.30000000000000004
  ['5,1,2,2', [1, 2, 5]],
  ['3', [3]],
])('parseValues reads %s', (text, values) => {
  expect(parseValues(text)).toEqual(values);
});

test('parseValues chooses at most 20 steps of 1, 2 or 5 times a power of ten', () => {
  expect(parseValues('40..200')).toHaveLength(17); // steps of 10
  expect(parseValues('0.5..2')).toHaveLength(16); // steps of 0.1
  expect(parseValues('0..3')).toEqual([0, 1, 2, 3]); // no fractions between whole numbers
});

test.each([
  ['5..1', 'expected a range that ascends, got 5..1'],
  ['1..1', 'expected a range that ascends, got 1..1'],
  ['0..5/0', 'expected a step above 0, got 0'],
  ['0..5/-1', 'expected a step above 0, got -1'],
  ['0..5000/1', 'expected at most 1000 values, got 5001'],
  ['full,none', 'expected numbers, as in 0..5, 40..200/10 or 1,2,5'],
  ['1..', 'expected a range, as in 0..5 or 40..200/10'],
  ['1e400..2e400', 'expected finite numbers'],
])('parseValues refuses %s', (text, problem) => {
  expect(parseValues(text)).toBe(problem);
});

test('parseFineRange has at most 100 steps, or the given ones', () => {
  const fine = parseFineRange('40..200', () => true) as Exclude<ReturnType<typeof parseFineRange>, string>;
  expect([fine.step, sizeOf(fine), valueAt(fine, 3)]).toEqual([2, 81, 46]);
  expect(parseFineRange('0..1/0.25', () => true)).toEqual({ from: 0, to: 1, step: 0.25 });
  expect(parseFineRange('1,2,5', () => true)).toBe('expected a range, as in 0..5 or 40..200/10');
});

test('parseFineRange has fractions only where they are accepted', () => {
  expect(parseFineRange('0..5', () => true)).toEqual({ from: 0, to: 5, step: 0.05 });
  expect(parseFineRange('0..5', Number.isInteger)).toEqual({ from: 0, to: 5, step: 1 });
});
