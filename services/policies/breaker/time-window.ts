import type { Clock } from '#kit/clock.ts';
import { recent } from '#policies/recent.ts';
import type { Window } from './window.ts';

/** Remembers the results of the last `ms`, forgotten a bucket at a time. */
export function timeWindow(ms: number, buckets: number, clock: Clock): Window {
  const results = recent(['calls', 'failures', 'slow'], { ms, buckets }, clock);
  return ({ failed, slow }) => results({ calls: 1, failures: Number(failed), slow: Number(slow) });
}
