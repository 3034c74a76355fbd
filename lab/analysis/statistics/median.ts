/** A time, or what it is at least where nobody watched it to its end. */
export interface Watched {
  readonly timeMs: number | null;
  readonly atLeastMs: number;
}

/** What lies in the middle of times. */
export interface Median {
  /** Null where it hangs on what was not watched to its end. */
  readonly medianMs: number | null;
  /** What it is at least. */
  readonly atLeastMs: number;
  /** Its 95 % interval, which has no end where that hangs on the same; NaN for fewer than six. */
  readonly low: number;
  readonly high: number;
}

/**
 * The median of times, the upper one of an even number, with the bounds from their ranks, whatever their distribution
 * (Conover 1999, section 3.2). What was not watched to its end may have ended from when it was bad to the last on, or never.
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

/** How many ranks the interval leaves out on each side, and one more: 0 where not even the outermost two hold the median. */
function ranksBelow(of: number): number {
  let ranks = 0;
  let chance = 0.5 ** of;
  for (let tail = chance; tail <= 0.025; tail += chance) {
    ranks++;
    chance *= (of - ranks + 1) / ranks;
  }
  return ranks;
}
