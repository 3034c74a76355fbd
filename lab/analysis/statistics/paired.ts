import { bootstrapMean, type Estimate } from './bootstrap.ts';

/** What runs measured, by their seeds; null where there was nothing to measure. */
export type BySeed = ReadonlyMap<number, number | null>;

/**
 * By how much a figure exceeds another that met the same luck, in the mean over the seeds that both have. Null where one of
 * them has nothing: a latency of the rounds alone in which something was completed would be that of the lucky ones.
 */
export function pairedDifference(after: BySeed, before: BySeed): Estimate | null {
  const seeds = [...after.keys()].filter((seed) => before.has(seed));
  const differences = seeds.flatMap((seed) => {
    const [a, b] = [after.get(seed) ?? null, before.get(seed) ?? null];
    return a === null || b === null ? [] : [a - b];
  });
  return seeds.length > 0 && differences.length === seeds.length ? bootstrapMean(differences) : null;
}
