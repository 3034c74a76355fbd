import { version } from '#kit/process/installation.ts';
import type { Sample } from '#lab/conduct/sample.ts';
import type { Field } from '#lab/experiment/field.ts';
import { estimate } from './estimates.ts';
import type { Explorer } from './explorer.ts';
import type { SweepResult } from './result.ts';
import type { Point } from './space.ts';
import type { Subject } from './subject.ts';

/** Number of completed simulations, and what is known of the time left. */
export interface SweepProgress {
  readonly done: number;
  readonly of: number;
  readonly leftMs: number | undefined;
}

/** Simulates all points with all seeds, seed by seed, so that an interrupted sweep covers all points. */
export async function sweep(
  explorer: Explorer,
  points: readonly Point[],
  seeds: readonly number[],
  onProgress: (progress: SweepProgress) => void,
): Promise<void> {
  const of = points.length * seeds.length;
  let done = 0;
  const one = async (point: Point, seed: number) => {
    await explorer.sample(point, seed);
    done += 1;
    onProgress({ done, of, leftMs: explorer.estimateMs(of - done) });
  };
  await Promise.all(seeds.flatMap((seed) => points.map((point) => one(point, seed))));
}

interface About extends Pick<SweepResult, 'status' | 'command' | 'startedAt'> {
  readonly subject: Subject;
  readonly fields: readonly Field[];
  readonly values: readonly (readonly number[])[];
  readonly points: readonly Point[];
  readonly seeds: readonly number[];
  readonly explorer: Pick<Explorer, 'known'>;
}

/** Returns the result of a sweep, as far as it was simulated. */
export function resultOf({ subject, fields, values, points, seeds, explorer, ...about }: About): SweepResult {
  const { name, file, source, experiment } = subject.file;
  const variants = Object.keys(experiment.variants);
  const samplesAt = (point: Point): Sample[] => seeds.flatMap((seed) => explorer.known(point, seed) ?? []);
  const estimated = points.map((point) => estimate(point, samplesAt(point)));
  return {
    version: 2,
    spillway: version,
    node: process.version,
    ...about,
    experiment: { name, file, title: experiment.title, seed: experiment.seed, source },
    paths: fields.map(({ path, original = null }, index) => ({
      path,
      values: [...values[index]!],
      original,
    })),
    seeds: seeds.length,
    variants,
    hypotheses: [...subject.hypotheses],
    points: estimated.map(({ figures: _, ...point }) => point),
    figures: estimated.flatMap(({ figures }, point) => figures.map((figure) => ({ ...figure, point }))),
  };
}
