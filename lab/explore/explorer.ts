import type { Changes, Field } from '#lab/experiment/field.ts';
import type { Sample } from './sample.ts';
import { changesAt, type Point } from './space.ts';
import type { Threads } from './threads.ts';

export interface Request {
  readonly changes: Changes;
  readonly seed: number;
}

export interface Timed {
  readonly sample: Sample;
  /** Real time of the simulation. */
  readonly tookMs: number;
}

export type Explorer = ReturnType<typeof explorerOn>;

/** Returns functions that simulate points of a space on threads. Each point and seed is simulated once. */
export function explorerOn(threads: Threads<Request, Timed>, fields: readonly Field[]) {
  const samples = new Map<string, Sample>();
  let [spentMs, spentOn] = [0, 0];
  const nameOf = (point: Point, seed: number) => `${point.join()} ${seed}`;
  const known = (point: Point, seed: number) => samples.get(nameOf(point, seed));
  return {
    known,
    /** Number of simulations at the same time. */
    width: threads.size,
    async sample(point: Point, seed: number): Promise<Sample> {
      const before = known(point, seed);
      if (before) return before;
      const { sample, tookMs } = await threads.ask({ changes: changesAt(fields, point), seed });
      spentMs += tookMs;
      spentOn += 1;
      samples.set(nameOf(point, seed), sample);
      return sample;
    },
    /** Estimates the real time of so many simulations; undefined before the first one. */
    estimateMs: (count: number) => (spentOn > 0 ? (spentMs / spentOn) * (count / threads.size) : undefined),
  };
}
