import type { Clock } from '#kit/clock.ts';
import type { Window } from './window.ts';

/** Remembers the results of the last `ms`, forgotten a bucket at a time: at least ms·(1 − 1/buckets), at most ms. */
export function timeWindow(ms: number, buckets: number, clock: Clock): Window {
  const ring = Array.from({ length: buckets }, () => ({ calls: 0, failures: 0, slow: 0 }));
  const tally = { calls: 0, failures: 0, slow: 0 };
  const bucketNow = () => Math.floor((clock.now() * buckets) / ms);
  let newest = bucketNow();

  const forget = (bucket: (typeof ring)[number]) => {
    tally.calls -= bucket.calls;
    tally.failures -= bucket.failures;
    tally.slow -= bucket.slow;
    Object.assign(bucket, { calls: 0, failures: 0, slow: 0 });
  };

  return ({ failed, slow }) => {
    const now = bucketNow();
    // After a pause longer than the window one turn of the ring empties all of it.
    for (let i = Math.max(newest + 1, now - buckets + 1); i <= now; i++) forget(ring[i % buckets]!);
    newest = now;
    for (const counts of [ring[now % buckets]!, tally]) {
      counts.calls += 1;
      counts.failures += Number(failed);
      counts.slow += Number(slow);
    }
    return tally;
  };
}
