import type { Recovery, Round } from '#lab/result/result.ts';
import { bootstrapMean, type Estimate, type Tally, tallyOf } from './bootstrap.ts';
import { variantNames } from './estimates.ts';

/** Recovery of a variant from a fault, over the rounds in which it took, or from a phase. */
export interface RecoveryOver {
  /** Name in hypotheses: `after crash`. */
  readonly window: string;
  readonly variant: string;
  /** Over the rounds that report it; null if none does. */
  readonly recovered: (Tally & Estimate) | null;
  readonly time: Median;
  /** Time until the backlog was drained; null if no round reports one. */
  readonly drain: Median | null;
  /** A lower bound if some round did not recover: then the interval has no end. */
  readonly lostGoodput: Estimate & { readonly isAtLeast: boolean };
  /** Null if no round reports it. */
  readonly metastable: (Tally & Estimate) | null;
}

/** Returns the recoveries by fault, and then in the order of the variants. */
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

/** A time, or its lower bound if it was not watched to its end. */
type Watched = Pick<Recovery, 'timeMs' | 'atLeastMs'>;

export interface Median {
  /** Null if it depends on times that were not watched to their end. */
  readonly medianMs: number | null;
  /** Lower bound of the median. */
  readonly atLeastMs: number;
  /** 95 % interval, without an end if that depends on such times; NaN for fewer than six. */
  readonly low: number;
  readonly high: number;
}

/**
 * Returns the median of times, the upper one of an even number, with bounds from their ranks for any distribution
 * (Conover 1999, section 3.2). A time that was not watched to its end is at least its lower bound, or infinite.
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

/** Ranks that the interval leaves out on each side, plus 1; 0 if not even the outermost two enclose the median. */
function ranksBelow(of: number): number {
  let ranks = 0;
  let chance = 0.5 ** of;
  for (let tail = chance; tail <= 0.025; tail += chance) {
    ranks++;
    chance *= (of - ranks + 1) / ranks;
  }
  return ranks;
}
