import { expect, test } from 'vitest';
import { limitsOf } from '#lab/analysis/validity/limits.ts';

test('limitsOf: by default 1 % of the deadline and at least 2 ms of lag, nothing unsent, 10 ms or 10 % of sleep, a second for faults', () => {
  const rest = { unsent: 0, sleepExcessP99Ms: 10, sleepExcessRatio: 0.1, faultDelayMs: 1000, stallMs: 50 };
  expect(limitsOf({ deadlineMs: 100, validity: {} })).toEqual({ lagP99Ms: 2, ...rest });
  expect(limitsOf({ deadlineMs: 2000, validity: {} })).toEqual({ lagP99Ms: 20, ...rest });
});

test('limitsOf: what the experiment sets counts, even 0', () => {
  const validity = {
    lagP99Ms: 0,
    unsent: 5,
    sleepExcessP99Ms: 1,
    sleepExcessRatio: 0,
    faultDelayMs: 9,
    stallMs: 70,
    reason: 'a test',
  };
  const { reason: _, ...limits } = validity;
  expect(limitsOf({ deadlineMs: 2000, validity })).toEqual(limits);
});
