import { expect, test } from 'vitest';
import { numberOf, parseDuration, parseQuantity } from '#lab/experiment/hypothesis/quantity.ts';

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
