import { bootstrapMean, type Estimate } from './bootstrap.ts';

/** What runs measured, by their seeds; null where there was nothing to measure. */
export type BySeed = ReadonlyMap<number, number | null>;

/** By how much a figure exceeds another that met the same luck, in the mean over the seeds that both have. */
export function pairedDifference(after: BySeed, before: BySeed): Estimate | null {
  const differences = [...after].flatMap(([seed, a]) => {
    const b = before.get(seed) ?? null;
    return a === null || b === null ? [] : [a - b];
  });
  return differences.length > 0 ? bootstrapMean(differences) : null;
}
