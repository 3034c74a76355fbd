import { stream } from '#kit/random.ts';
import type { Explorer } from './explorer.ts';
import type { Sample } from './sample.ts';
import type { Point } from './space.ts';
import { type Range, sizeOf, valueAt } from './values.ts';

export interface Varied {
  readonly range: Range;
  /** Value in the file, to which a change is shrunk. Undefined for a field that has none. */
  readonly original: number | undefined;
}

/** Shares of the draws: a number stays as it is, or goes to an end of its range. */
const draws = { same: 0.5, end: 0.25 };

/** True if a range has another value than the file. */
export const hasOther = ({ range, original }: Varied): boolean =>
  sizeOf(range) > 1 || valueAt(range, 0) !== original;

/**
 * Yields random points without an end, always the same for a seed. Each has at least one number that the file has not.
 * Never ends and yields nothing unless `hasOther` is true for one of the ranges.
 */
export function* randomPoints(varied: readonly Varied[], seed: number): Generator<Point, never> {
  const random = stream(seed, 'search');
  for (;;) {
    const point = varied.map(({ range, original }) => {
      const [whether, where, which] = [random(), random(), random()];
      if (original !== undefined && whether < draws.same) return original;
      const last = sizeOf(range) - 1;
      if (where < draws.end) return valueAt(range, which < 0.5 ? 0 : last);
      return valueAt(range, Math.floor(which * (last + 1)));
    });
    if (varied.some(({ original }, index) => point[index] !== original)) yield point;
  }
}

export interface Judged {
  readonly point: Point;
  /**
   * `failed`: some hypothesis for some seed. `invalid`: none for any, but some seed has no verdict; or with these seeds,
   * too many may fail. `refused`: the file can't have these values.
   */
  readonly outcome: 'held' | 'failed' | 'invalid' | 'refused';
  /** Number of seeds for which each hypothesis failed. */
  readonly failures: readonly number[];
  /** Reason why a seed has no verdict. */
  readonly problem?: string;
}

interface Judging {
  readonly seeds: readonly number[];
  /** Number of seeds of which a hypothesis must fail. */
  readonly failing: number;
  /** Number of seeds that are simulated even if all hypotheses hold. */
  readonly first: number;
}

/** Judges a point with the first seeds, and with the others unless all hypotheses hold. */
export async function judgePoint(
  explorer: Pick<Explorer, 'sample'>,
  point: Point,
  { seeds, failing, first }: Judging,
): Promise<Judged> {
  const simulate = (some: readonly number[]) => Promise.all(some.map((seed) => explorer.sample(point, seed)));
  const some = await simulate(seeds.slice(0, first));
  const samples = some.every(isHeld) ? some : [...some, ...(await simulate(seeds.slice(first)))];
  const count = (hypothesis: number, verdict: boolean | null) =>
    samples.filter(({ hypotheses }) => hypotheses[hypothesis]!.ok === verdict).length;
  const hypotheses = [...samples[0]!.hypotheses.keys()];
  const failures = hypotheses.map((each) => count(each, false));
  const isOpen = failures.some((failed, each) => failed < failing && failed + count(each, null) >= failing);
  const unknown = samples.find(({ hypotheses }) => hypotheses.some(({ ok }) => ok === null));
  const failed = failures.some((count) => count > 0);
  return {
    ...{ point, failures },
    outcome: isOpen || (unknown && !failed) ? 'invalid' : failed ? 'failed' : 'held',
    ...(unknown && { problem: unknown.problem ?? 'a hypothesis has no verdict' }),
  };
}

const isHeld = ({ hypotheses }: Sample): boolean => hypotheses.every(({ ok }) => ok === true);

/**
 * Shrinks a point that fails: restores numbers of the file, and moves the others towards them as long as it fails.
 * Resolves with a point of which no single number can be restored, or moved by a step.
 */
export async function shrink(
  varied: readonly Varied[],
  failing: Point,
  fails: (point: Point) => Promise<boolean>,
): Promise<Point> {
  let point = failing;
  for (;;) {
    const before = point;
    for (const [index, { original }] of varied.entries()) {
      if (original === undefined || point[index] === original) continue;
      const restored = point.with(index, original);
      if (await fails(restored)) point = restored;
    }
    for (const [index, each] of varied.entries())
      point = point.with(
        index,
        await closest(each, point[index]!, (value) => fails(point.with(index, value))),
      );
    if (point.every((value, index) => value === before[index])) return point;
  }
}

/** Bisects between a failing value and the original one, which doesn't fail. Resolves with the last that fails. */
async function closest(
  { range, original }: Varied,
  failing: number,
  fails: (value: number) => Promise<boolean>,
): Promise<number> {
  if (original === undefined || failing === original) return failing;
  let [good, bad] = [original, failing];
  for (;;) {
    const middle = onGrid(range, (good + bad) / 2);
    // Beside a value off the grid, the middle may be one of the ends.
    const isBetween = (middle - good) * (middle - bad) < 0;
    if (!isBetween) return bad;
    if (await fails(middle)) bad = middle;
    else good = middle;
  }
}

const onGrid = (range: Range, value: number): number => {
  const index = Math.round((value - range.from) / range.step);
  return valueAt(range, Math.min(sizeOf(range) - 1, Math.max(0, index)));
};
