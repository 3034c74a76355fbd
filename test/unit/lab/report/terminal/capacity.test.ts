import { expect, test } from 'vitest';
import { describeCapacity, describeProbe, digits } from '#lab/report/terminal/capacity.ts';
import { measured } from '#test/fixtures/measured.ts';

test.each([
  [true, '364/s can be had, 2 % ran into the timeout'],
  [false, '364/s is too much, 2 % ran into the timeout'],
])('describeProbe says whether the dependency kept up: %s', (keptUp, expected) => {
  const result = { ...measured, offered: 100, outcomes: { ...measured.outcomes, timeout: 2 } };
  expect(describeProbe({ rate: 364.25, keptUp, result })).toBe(expected);
});

test.each([
  [
    { perSecond: 343.1, low: 339.4, high: 347 },
    'capacity under 250 ms: 343/s (339/s to 347/s), 14 % less than the 400/s that the file is meant for',
  ],
  [
    { perSecond: 1404 },
    'capacity under 250 ms: 1,400/s (given), 251 % more than the 400/s that the file is meant for',
  ],
])('describeCapacity puts the capacity beside what the file is meant for: %j', (capacity, expected) => {
  expect(describeCapacity({ timeoutMs: 250, nominalPerSecond: 400, ...capacity })).toBe(expected);
});

test.each([
  [192.6, '193'],
  [1404, '1400'],
  [0.3456, '0.346'],
])('digits writes a capacity so that a flag takes it: %j', (perSecond, expected) => {
  expect(digits(perSecond)).toBe(expected);
});
