import { expect, test } from 'vitest';
import { timeLeft } from '#kit/http/time-left.ts';

test.each([
  ['250', 250],
  ['0', 0],
  ['0.5', 0.5],
])('timeLeft reads %j', (said, ms) => {
  expect(timeLeft(said)).toBe(ms);
});

test.each([undefined, '', 'soon', '-1', '1e3', ' 1', 'Infinity', '9'.repeat(20), ['1', '2']])(
  'timeLeft takes %j for nothing',
  (said) => {
    expect(timeLeft(said)).toBeUndefined();
  },
);
