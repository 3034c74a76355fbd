import { expect, test } from 'vitest';
import { readTimeLeft, timeLeft } from '#kit/time-left.ts';

test.each([
  ['250', 250],
  ['0', 0],
  ['0.5', 0.5],
])('timeLeft reads %j', (said, ms) => {
  expect([timeLeft(said), readTimeLeft(said)]).toEqual([ms, ms]);
});

test.each(['', 'soon', '-1', '1e3', ' 1', 'Infinity', '9'.repeat(20), ['1', '2']])(
  'timeLeft takes %j for nothing, and readTimeLeft refuses it',
  (said) => {
    expect(timeLeft(said)).toBeUndefined();
    expect(() => readTimeLeft(said)).toThrow(
      `the header x-timeout-ms: expected ms, such as 250, got ${JSON.stringify(said)}`,
    );
  },
);

test('readTimeLeft takes no header for no limit', () => {
  expect(readTimeLeft(undefined)).toBeUndefined();
});
