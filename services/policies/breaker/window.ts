import type { Static } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { integer, number, strict, tagged } from '#kit/schema/schema.ts';
import { recent } from '#policies/recent.ts';

/** Result of a call. It can be both: a timeout fails slowly. */
export interface Result {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** The results a window remembers. */
export interface Tally {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** Adds a result, forgets old ones, and returns the rest. It only counts: the breaker decides. */
export type Window = (result: Result) => Tally;

const kinds = {
  count: strict({ size: integer(1, 10_000, undefined, 20) }, { description: 'The last results.' }),
  time: strict(
    {
      ms: number(1, 3_600_000, undefined, 10_000),
      buckets: integer(1, 1000, 'How finely old results are forgotten.', 10),
    },
    { description: 'The results of a recent time span.' },
  ),
};

/** Which results a breaker judges by. */
export const WindowOptions = tagged('kind', kinds, {
  description: 'The results that decide whether the breaker opens.',
});
export type WindowOptions = Static<typeof WindowOptions>;

export const createWindow = (options: WindowOptions, clock: Clock): Window =>
  options.kind === 'count' ? countWindow(options.size) : timeWindow(options.ms, options.buckets, clock);

/** Remembers the last `size` results. */
export function countWindow(size: number): Window {
  const failed = new Uint8Array(size);
  const slow = new Uint8Array(size);
  const tally = { calls: 0, failures: 0, slow: 0 };
  let at = 0;

  return (result) => {
    // What was never written is 0, so an entry is replaced the same way before the window is full.
    tally.failures += Number(result.failed) - failed[at]!;
    tally.slow += Number(result.slow) - slow[at]!;
    tally.calls = Math.min(size, tally.calls + 1);
    failed[at] = Number(result.failed);
    slow[at] = Number(result.slow);
    at = (at + 1) % size;
    return tally;
  };
}

/** Remembers the results of the last `ms`, forgotten a bucket at a time. */
export function timeWindow(ms: number, buckets: number, clock: Clock): Window {
  const results = recent(['calls', 'failures', 'slow'], { ms, buckets }, clock);
  return ({ failed, slow }) => results({ calls: 1, failures: Number(failed), slow: Number(slow) });
}
