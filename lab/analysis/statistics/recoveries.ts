import type { Recovery } from '#lab/result/recovery.ts';
import type { Round } from '#lab/result/result.ts';
import { bootstrapMean, type Estimate } from './bootstrap.ts';
import { variantNames } from './estimates.ts';
import { type Median, medianOf } from './median.ts';
import { type Tally, tallyOf } from './wilson.ts';

/** How a variant got over a fault in the rounds in which it took, or over a phase. */
export interface RecoveryOver {
  /** As hypotheses name it: `after crash`. */
  readonly window: string;
  readonly variant: string;
  /** Of the rounds that tell; null where none does. */
  readonly recovered: (Tally & Estimate) | null;
  /** How long it took. */
  readonly time: Median;
  /** Until the backlog was drained; null where no round tells of one. */
  readonly drain: Median | null;
  /** Of a round that did not recover, only the least is known, and of the mean then, too: its interval has no end. */
  readonly lostGoodput: Estimate & { readonly isAtLeast: boolean };
  /** Likewise. */
  readonly metastable: (Tally & Estimate) | null;
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
          recovered: tallyReported(recoveries.filter(isReported).map(({ timeMs }) => timeMs !== null)),
          time: medianOf(recoveries.map(({ timeMs, atLeastMs = 0 }) => ({ timeMs, atLeastMs }))),
          drain: drainIn(recoveries),
          lostGoodput: lostIn(recoveries),
          metastable: tallyReported(recoveries.flatMap(({ metastable }) => metastable ?? [])),
        },
      ];
    }),
  );
}

/** Results from before tell of metastability only what was watched for long enough, but for the first, which know no `atLeastMs`. */
const isReported = ({ timeMs, atLeastMs, told, metastable }: Recovery): boolean =>
  told ?? (timeMs !== null || metastable || (metastable === false && atLeastMs !== undefined));

const tallyReported = (told: readonly boolean[]): (Tally & Estimate) | null =>
  told.length > 0 ? tallyOf(told, (isSo) => isSo) : null;

function lostIn(recoveries: readonly Recovery[]): RecoveryOver['lostGoodput'] {
  const mean = bootstrapMean(recoveries.map(({ lostGoodput }) => lostGoodput));
  const isAtLeast = recoveries.some(({ timeMs }) => timeMs === null);
  return { ...mean, low: Math.max(0, mean.low), high: isAtLeast ? Infinity : mean.high, isAtLeast };
}

function drainIn(recoveries: readonly Recovery[]): Median | null {
  const told = recoveries.flatMap(({ drainMs, watchedMs }) =>
    drainMs === undefined ? [] : [{ timeMs: drainMs, atLeastMs: watchedMs }],
  );
  return told.length > 0 ? medianOf(told) : null;
}
