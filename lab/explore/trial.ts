import { meanOf } from '#lab/judge/statistics/bootstrap.ts';
import type { Explorer } from './explorer.ts';
import type { Sample } from './sample.ts';
import type { Point } from './space.ts';

export interface Trial {
  readonly point: Point;
  /** Seeds for which it was as required, among those that were tried. */
  readonly held: number;
  readonly of: number;
  /** True if it was as required for enough seeds. */
  readonly holds: boolean;
  /** Mean of the metric to minimize or maximize. */
  readonly metric: number | null;
  /** True if its seeds are not those of the search. */
  readonly isFresh?: boolean;
}

interface Required {
  readonly seeds: readonly number[];
  /** Least share of the seeds. */
  readonly share: number;
  /** Indices of the hypotheses that must hold, and of that with the metric on its left side. */
  readonly indices: readonly number[];
  readonly metricIndex: number;
}

/** Number of fresh seeds for each seed of a search. */
export const freshFactor = 5;

/** Returns how many of so many seeds may miss what is required of a share of them. */
export const missesMax = (seeds: number, share: number): number => Math.floor(seeds * (1 - share) + 1e-9);

/** Tries a point with one seed after another. Stops once too few seeds can meet what is required. */
export async function tryPoint(
  { sample, width }: Pick<Explorer, 'sample' | 'width'>,
  point: Point,
  { seeds, share, indices, metricIndex }: Required,
  onSeeds: (tried: number) => void,
): Promise<Trial> {
  const isMet = ({ hypotheses }: Sample) => indices.every((index) => hypotheses[index]!.ok === true);
  const most = missesMax(seeds.length, share);
  const samples: Sample[] = [];
  let misses = 0;
  for (let first = 0; first < seeds.length && misses <= most; first += width) {
    const some = seeds.slice(first, first + width);
    samples.push(...(await Promise.all(some.map((seed) => sample(point, seed)))));
    misses = samples.filter((sample) => !isMet(sample)).length;
    onSeeds(samples.length);
  }
  const metrics = samples.flatMap(({ hypotheses }) => hypotheses[metricIndex]?.left ?? []);
  return {
    point,
    held: samples.length - misses,
    of: samples.length,
    holds: misses <= most,
    metric: metrics.length > 0 ? meanOf(metrics) : null,
  };
}

/** Returns the trial that comes nearest to what is required, by its seeds that hold. */
export const nearestOf = (trials: readonly Trial[]): Trial =>
  trials.toSorted((a, b) => b.held / b.of - a.held / a.of)[0]!;
