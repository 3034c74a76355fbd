import type { Recovery, Round } from '#lab/result/result.ts';
import { bootstrapMean, type Estimate, type Tally, tallyOf } from './bootstrap.ts';
import { variantNames } from './estimates.ts';

/**
 * Recovery of a variant from a fault or a phase, over several rounds. Rounds in which the fault was never in force
 * don't count.
 */
export interface RecoveryOver {
  /** Window of the recovery, as in hypotheses: `after crash`. */
  readonly window: string;
  readonly variant: string;
  /**
   * Share of rounds in which the variant recovered, among the rounds that ran long enough to tell; null if none did.
   */
  readonly recovered: (Tally & Estimate) | null;
  readonly time: Median;
  /** Time until the backlog was drained; null if no round reports one. */
  readonly drain: Median | null;
  /** Lower bound if the variant did not recover in some round. The interval then has no upper end. */
  readonly lostGoodput: Estimate & { readonly isAtLeast: boolean };
  /** Null if no round reports it. */
  readonly metastable: (Tally & Estimate) | null;
}

/** Returns the recoveries, grouped by fault. Within a group they are in the order of the variants. */
export function recoveriesOver(rounds: readonly Round[]): RecoveryOver[] {
  const all = rounds.flatMap(({ variants }) =>
    variants.flatMap(({ name, recoveries }) => recoveries.map((each) => ({ ...each, variant: name }))),
  );
  const names = variantNames(rounds);
  return [...Map.groupBy(all, ({ window }) => window)].flatMap(([window, own]) =>
    [...Map.groupBy(own, ({ variant }) => variant)]
      .toSorted(([a], [b]) => names.indexOf(a) - names.indexOf(b))
      .map(([variant, each]) => ({ window, variant, ...overAll(each.map(({ recovery }) => recovery)) })),
  );
}

function overAll(recoveries: readonly Recovery[]): Omit<RecoveryOver, 'window' | 'variant'> {
  const reported = recoveries.filter(({ reported }) => reported);
  return {
    recovered: tallyReported(reported.map(({ timeMs }) => timeMs !== null)),
    time: medianOf(recoveries),
    drain: drainIn(recoveries),
    lostGoodput: lostIn(recoveries),
    metastable: tallyReported(recoveries.flatMap(({ metastable }) => metastable ?? [])),
  };
}

const tallyReported = (reported: readonly boolean[]): (Tally & Estimate) | null =>
  reported.length > 0 ? tallyOf(reported, (isSo) => isSo) : null;

function lostIn(recoveries: readonly Recovery[]): RecoveryOver['lostGoodput'] {
  const mean = bootstrapMean(recoveries.map(({ lostGoodput }) => lostGoodput));
  const isAtLeast = recoveries.some(({ timeMs }) => timeMs === null);
  return { ...mean, low: Math.max(0, mean.low), high: isAtLeast ? Infinity : mean.high, isAtLeast };
}

function drainIn(recoveries: readonly Recovery[]): Median | null {
  const reported = recoveries.flatMap(({ drainMs: timeMs, watchedMs: atLeastMs }) =>
    timeMs === undefined ? [] : [{ timeMs, atLeastMs }],
  );
  return reported.length > 0 ? medianOf(reported) : null;
}

/** Time to recover, or its lower bound if the run ended before. */
type Watched = Pick<Recovery, 'timeMs' | 'atLeastMs'>;

export interface Median {
  /** Null if it depends on a time of which only a lower bound is known. */
  readonly medianMs: number | null;
  /** Lower bound of the median. */
  readonly atLeastMs: number;
  /**
   * 95 % interval. `high` is Infinity if it depends on a time of which only a lower bound is known. Both ends are NaN
   * for fewer than six times.
   */
  readonly low: number;
  readonly high: number;
}

/**
 * Returns the median of times. For an even number of times, this is the upper one of the two in the middle. The bounds
 * come from ranks, and hold for any distribution (Conover 1999, section 3.2). A time of which only a lower bound is
 * known counts as anything from this bound to Infinity.
 */
export function medianOf(times: readonly Watched[]): Median {
  const least = times.map(({ timeMs, atLeastMs }) => timeMs ?? atLeastMs).toSorted((a, b) => a - b);
  const most = times.map(({ timeMs }) => timeMs ?? Infinity).toSorted((a, b) => a - b);
  const middle = Math.floor(times.length / 2);
  const [atLeastMs, atMostMs] = [least[middle]!, most[middle]!];
  const below = ranksBelow(times.length);
  return {
    medianMs: atLeastMs === atMostMs ? atMostMs : null,
    atLeastMs,
    low: least[below - 1] ?? Number.NaN,
    high: most[times.length - below] ?? Number.NaN,
  };
}

/**
 * Returns the number of ranks that the 95 % interval leaves out on each side, plus 1. Returns 0 for so few values that
 * even the lowest and the highest may not enclose the median.
 */
function ranksBelow(of: number): number {
  let ranks = 0;
  let chance = 0.5 ** of;
  for (let tail = chance; tail <= 0.025; tail += chance) {
    ranks++;
    chance *= (of - ranks + 1) / ranks;
  }
  return ranks;
}
