import type { Clock } from '#kit/clock.ts';

/** Adds to its counts, forgets old ones, and returns the sums. `atMs` is now by default; counts of a forgotten time are dropped. */
export type Recent<K extends string> = (
  more?: Partial<Record<K, number>>,
  atMs?: number,
) => Readonly<Record<K, number>>;

/** Counts of the last `ms`, forgotten a bucket at a time: at least ms·(1 − 1/buckets), at most ms. */
export function recent<K extends string>(
  names: readonly K[],
  { ms, buckets }: { ms: number; buckets: number },
  clock: Clock,
): Recent<K> {
  const zeros = Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
  const ring = Array.from({ length: buckets }, () => ({ ...zeros }));
  const sums = { ...zeros };
  const bucketOf = (atMs: number) => Math.floor((atMs * buckets) / ms);
  let newest = bucketOf(clock.now());

  const forget = (bucket: Record<K, number>) => {
    for (const name of names) sums[name] -= bucket[name];
    Object.assign(bucket, zeros);
  };

  return (more = {}, atMs = clock.now()) => {
    const now = bucketOf(clock.now());
    const bucket = bucketOf(atMs);
    // After a pause longer than the window one turn of the ring empties all of it.
    for (let i = Math.max(newest + 1, now - buckets + 1); i <= now; i++) forget(ring[i % buckets]!);
    newest = now;
    if (bucket <= now - buckets) return sums;
    for (const counts of [ring[bucket % buckets]!, sums]) {
      for (const name of names) counts[name] += more[name] ?? 0;
    }
    return sums;
  };
}
