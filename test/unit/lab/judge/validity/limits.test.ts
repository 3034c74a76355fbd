import { expect, test } from 'vitest';
import { limitsOf } from '#lab/judge/validity/limits.ts';

test('limitsOf: what the experiment sets counts, even 0', () => {
  const validity = {
    lagP99Ms: 0,
    unsent: 5,
    sleepExcessP99Ms: 1,
    sleepExcessRatio: 0,
    faultDelayMs: 9,
    reason: 'a test',
  };
  const { reason: _, ...limits } = validity;
  expect(limitsOf({ deadlineMs: 2000, validity })).toEqual(limits);
});
