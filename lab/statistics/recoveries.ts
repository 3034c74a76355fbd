import type { Round } from '#lab/result.ts';
import { bootstrapMean, type Estimate } from './bootstrap.ts';
import { variantNames } from './estimates.ts';
import { type Tally, tallyOf } from './wilson.ts';

/** How a variant got over a fault in the rounds in which it took. */
export interface RecoveryOver {
  /** As hypotheses name it: `after crash`. */
  readonly window: string;
  readonly variant: string;
  readonly recovered: Tally & Estimate;
  /** The median time; null where half of the rounds or more were watched for `watchedMs` without an end. */
  readonly medianMs: number | null;
  /** The shortest that a round was watched for. */
  readonly watchedMs: number;
  readonly lostGoodput: Estimate;
  readonly metastable: Tally & Estimate;
}

/** By fault, and then in the order of the variants. */
export function recoveriesOver(rounds: readonly Round[]): RecoveryOver[] {
  const all = rounds.flatMap(({ variants }) =>
    variants.flatMap(({ name, recoveries = [] }) => recoveries.map((each) => ({ ...each, variant: name }))),
  );
  const windows = new Set(all.map(({ window }) => window));
  return [...windows].flatMap((window) =>
    variantNames(rounds).flatMap((variant) => {
      const own = all.filter((each) => each.window === window && each.variant === variant);
      if (own.length === 0) return [];
      const recoveries = own.map(({ recovery }) => recovery);
      return [
        {
          window,
          variant,
          recovered: tallyOf(recoveries, ({ timeMs }) => timeMs !== null),
          medianMs: median(recoveries.map(({ timeMs }) => timeMs)),
          watchedMs: Math.min(...recoveries.map(({ watchedMs }) => watchedMs)),
          lostGoodput: bootstrapMean(recoveries.map(({ lostGoodput }) => lostGoodput)),
          metastable: tallyOf(recoveries, ({ metastable }) => metastable),
        },
      ];
    }),
  );
}

/** The upper one of an even number; what never ended (null) is longer than all else. */
function median(times: readonly (number | null)[]): number | null {
  const rising = times.toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity));
  return rising[Math.floor(rising.length / 2)] ?? null;
}
