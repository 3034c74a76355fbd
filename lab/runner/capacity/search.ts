/** The highest rate at which something holds lies from `low`, where it held, to below `high`, where it did not. */
export interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** No search goes farther than this from where it began, in either direction. */
const farthest = 300;

/**
 * Brackets the highest rate that holds within a ratio of `precision` (1.05: 5 %). Looks near `expected` first, and ever
 * farther off: by 10 %, 21 %, 46 %, 114 % …, each time by a factor of 4 at most. Rejects with RangeError when it finds
 * none within a factor of 300.
 */
export async function highestRate(
  expected: number,
  precision: number,
  holds: (rate: number) => Promise<boolean>,
): Promise<Bracket> {
  let { low, high } = await around(expected, holds);
  while (high / low > precision) {
    const middle = Math.sqrt(low * high);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return { low, high };
}

async function around(expected: number, holds: (rate: number) => Promise<boolean>): Promise<Bracket> {
  let last = expected;
  const isUp = await holds(expected);
  for (let factor = 1.1; factor < farthest; factor *= Math.min(factor, 4)) {
    const rate = isUp ? expected * factor : expected / factor;
    if ((await holds(rate)) !== isUp) return isUp ? { low: last, high: rate } : { low: rate, high: last };
    last = rate;
  }
  throw new RangeError(
    isUp
      ? `it holds up to ${last.toFixed(0)} a second, and nobody looked farther`
      : `it does not even hold at ${last.toPrecision(2)} a second`,
  );
}
