import type { Clock } from '#kit/clock.ts';

/**
 * Returns a function that adds counts and returns their sums over the last `ms`. Old counts expire one bucket at a
 * time, so that the sums cover between ms·(1 − 1/buckets) and `ms`. Counts from before the oldest bucket are dropped.
 */
export function recent<K extends string>(
  names: readonly K[],
  { ms, buckets }: { ms: number; buckets: number },
  clock: Clock,
) {
  const zeros = Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
  const ring = Array.from({ length: buckets }, () => ({ ...zeros }));
  const sums = { ...zeros };
  const bucketOf = (atMs: number) => Math.floor((atMs * buckets) / ms);
  let newest = bucketOf(clock.now());

  const forget = (bucket: Record<K, number>) => {
    for (const name of names) sums[name] -= bucket[name];
    Object.assign(bucket, zeros);
  };

  return (more: Partial<Record<K, number>> = {}, atMs = clock.now()): Readonly<Record<K, number>> => {
    const now = bucketOf(clock.now());
    const bucket = bucketOf(atMs);
    // If no call came for longer than the window, it is enough to clear each bucket once.
    for (let i = Math.max(newest + 1, now - buckets + 1); i <= now; i++) forget(ring[i % buckets]!);
    newest = now;
    if (bucket <= now - buckets) return sums;
    for (const counts of [ring[bucket % buckets]!, sums]) {
      for (const name of names) counts[name] += more[name] ?? 0;
    }
    return sums;
  };
}
