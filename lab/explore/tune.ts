import type { Point } from './space.ts';
import type { Trial } from './trial.ts';
import { type Range, sizeOf, valueAt } from './values.ts';

/** Direction in which a metric is better; undefined without a metric. */
export type Aim = 'minimize' | 'maximize' | undefined;

export interface Tuned {
  /** Trial with fresh seeds at the best value for which they hold, too. */
  readonly best: Trial;
  /** True if its neighbours also hold with fresh seeds: those a tenth of the interval away. */
  readonly isInside: boolean;
}

/** Tries a point. `where` is its place: `inside the interval and beside its ends`. */
type Try = (point: Point, where: string, isFresh: boolean) => Promise<Trial>;

/** Indices of the first and the last value of an interval. */
type Interval = readonly [low: number, high: number];

/** Numbers of values that are tried over the whole range, one after the other until one holds. */
const coarse = [5, 9, 17];
/** Number of values that are tried inside an interval, to find holes. */
const insideMax = 9;
const around = 'around the best one';

/**
 * Finds the best value for which everything required holds. Bisects the ends of the interval that holds, and tries values
 * inside and beside it. Then it confirms the best value and its neighbours with fresh seeds. If one falls short, it steps
 * back from the best value. Resolves with undefined if no value holds.
 */
export async function tune(range: Range, aim: Aim, tryAt: Try): Promise<Tuned | undefined> {
  const trials = trialsOf(range, tryAt);
  for (const count of coarse) {
    for (const index of spread(trials.last, count)) await trials.at(index, 'over the whole range');
    const interval = await widestInterval(trials);
    if (!interval) continue;
    const [low, high] = interval;
    // Without a metric, the end that the requirement limits; the upper one if it limits both or none.
    const limited = low > 0 && high === trials.last ? low : high;
    return confirm(trials, aim ? await bestIn(trials, interval, aim) : limited, interval);
  }
  return undefined;
}

type Trials = ReturnType<typeof trialsOf>;

/** Trials by index of a range. Each index is tried once with the seeds of the search, and once with fresh ones. */
function trialsOf(range: Range, tryAt: Try) {
  const [tried, fresh] = [new Map<number, Trial>(), new Map<number, Trial>()];
  return {
    tried: tried as ReadonlyMap<number, Trial>,
    last: sizeOf(range) - 1,
    async at(index: number, where: string, isFresh = false): Promise<Trial> {
      const trials = isFresh ? fresh : tried;
      const trial = trials.get(index) ?? (await tryAt([valueAt(range, index)], where, isFresh));
      trials.set(index, trial);
      return trial;
    },
  };
}

/** Resolves with the ends of the widest interval of values that hold. Tries values inside it until none fails. */
async function widestInterval(trials: Trials): Promise<Interval | undefined> {
  const { tried, last, at } = trials;
  for (;;) {
    const run = widestRun(tried);
    const [first, end] = [run[0], run.at(-1)];
    if (first === undefined || end === undefined) return undefined;
    const below = Math.max(...tried.keys().filter((index) => index < first));
    const above = Math.min(...tried.keys().filter((index) => index > end));
    const low = below < 0 ? first : await edgeOf(trials, first, below);
    const high = above > last ? end : await edgeOf(trials, end, above);
    const inside = spread(high - low, insideMax).map((index) => low + index);
    // Neighbours of the ends: a requirement that isn't monotone often shows there.
    const beside = [low + 1, low - 2, high - 1, high + 2].filter((index) => index >= 0 && index <= last);
    for (const index of [...inside, ...beside]) await at(index, 'inside the interval and beside its ends');
    const isHole = ([index, { holds }]: [number, Trial]) => index > low && index < high && !holds;
    if (!tried.entries().some(isHole)) return [low, high];
  }
}

/** Bisects between an index that holds and one that doesn't. Resolves with the last one that holds. */
async function edgeOf({ at }: Trials, held: number, missed: number): Promise<number> {
  let [good, bad] = [held, missed];
  while (Math.abs(bad - good) > 1) {
    const middle = Math.trunc((good + bad) / 2);
    if ((await at(middle, 'between a value that holds and one that fails')).holds) good = middle;
    else bad = middle;
  }
  return good;
}

/** Moves from the best value that was tried to better neighbours that hold, with ever smaller steps. */
async function bestIn({ tried, at }: Trials, [low, high]: Interval, aim: Aim): Promise<number> {
  const sign = aim === 'maximize' ? -1 : 1;
  const costOf = ({ metric }: Trial) => (metric === null ? Number.MAX_VALUE : sign * metric);
  const inside = [...tried].filter(([index]) => index >= low && index <= high);
  let [best, least] = inside.sort(([, a], [, b]) => costOf(a) - costOf(b))[0]!;
  let step = Math.max(1, (high - low) >> 4);
  for (;;) {
    const before = best;
    for (const index of [Math.max(low, before - step), Math.min(high, before + step)]) {
      const trial = await at(index, around);
      if (trial.holds && costOf(trial) < costOf(least)) [best, least] = [index, trial];
    }
    if (best === before && step === 1) return best;
    if (best === before) step = step >> 1;
  }
}

/** Confirms a value with fresh seeds. Steps back to another one until one holds, if possible with its neighbours. */
async function confirm(
  { last, at }: Trials,
  best: number,
  [low, high]: Interval,
): Promise<Tuned | undefined> {
  const margin = Math.max(1, Math.round((high - low) / 10));
  const back = best - low > high - best ? low : high;
  const hold = async (indices: readonly number[], isFresh: boolean) => {
    const where = isFresh ? 'with fresh seeds' : around;
    for (const index of indices) if (!(await at(index, where, isFresh)).holds) return false;
    return true;
  };
  for (const isInside of [true, false])
    for (const index of stepsBack(best, back, margin)) {
      const neighbours = [Math.max(0, index - margin), Math.min(last, index + margin)];
      const indices = isInside ? [index, ...neighbours] : [index];
      if ((await hold(indices, false)) && (await hold(indices, true)))
        return { best: await at(index, around, true), isInside };
    }
  return undefined;
}

/** Yields indices from one towards another: itself, and those 1, 2, 4, 8, … times `least` steps away. */
function* stepsBack(from: number, to: number, least: number): Iterable<number> {
  const distance = Math.abs(to - from);
  for (let steps = 0; ; steps = Math.min(distance, Math.max(least, 2 * steps))) {
    yield from + Math.sign(to - from) * steps;
    if (steps === distance) return;
  }
}

type Tried = Pick<Trial, 'point' | 'holds'>;

/** Returns the trials in the order of their values. The last one of a value counts: that with fresh seeds, if any. */
const latestOf = (trials: readonly Tried[]): Tried[] =>
  [...new Map(trials.map((trial) => [trial.point[0]!, trial])).values()].sort(
    (a, b) => a.point[0]! - b.point[0]!,
  );

const signsMax = 61;

/** Draws a range with what holds, what fails, and the chosen value. Of several in one place, a failing one counts. */
export function numberLine(range: Range, best: Pick<Trial, 'point'>, trials: readonly Tried[]): string {
  const last = Math.min(signsMax, sizeOf(range)) - 1;
  const signs = Array.from({ length: last + 1 }, () => '·');
  const placeOf = ({ point: [value = 0] }: Pick<Trial, 'point'>) =>
    Math.round((last * (value - range.from)) / (range.to - range.from || 1));
  const order = latestOf(trials);
  for (const trial of order.filter(({ holds }) => holds)) signs[placeOf(trial)] = '✓';
  for (const trial of order.filter(({ holds }) => !holds)) signs[placeOf(trial)] = '✗';
  signs[placeOf(best)] = '●';
  return `${range.from} ${signs.join('')} ${range.to}`;
}

/** Says between which values everything holds, how far the next one is that fails, and names holes. */
export function describeRegion(best: Pick<Trial, 'point'>, trials: readonly Tried[]): string {
  const at = best.point[0]!;
  const order = latestOf(trials);
  const valuesOf = (isHeld: boolean) => order.flatMap(({ point, holds }) => (holds === isHeld ? point : []));
  const [held, failed] = [valuesOf(true), valuesOf(false)];
  const below = failed.findLast((value) => value < at) ?? Number.NEGATIVE_INFINITY;
  const above = failed.find((value) => value > at) ?? Number.POSITIVE_INFINITY;
  const region = held.filter((value) => value > below && value < above);
  const nearest = at - below < above - at ? below : above;
  const away = Number(Math.abs(nearest - at).toPrecision(6));
  const holes = failed.filter((value) => value > held[0]! && value < held.at(-1)!);
  return [
    `All ${region.length} tried values from ${region[0]} to ${region.at(-1)} hold.`,
    Number.isFinite(nearest)
      ? `The nearest that fails is ${nearest}, ${away} away.`
      : 'None that was tried fails.',
    ...(holes.length > 0 ? [`Holes, between values that hold: ${holes.join(', ')}.`] : []),
  ].join(' ');
}

/** Returns indices from 0 to `last`, at most `count`, evenly spread. */
export const spread = (last: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)))),
];

/** Returns the widest run of neighbours that hold, ascending; the last one of several. */
function widestRun(tried: ReadonlyMap<number, Trial>): number[] {
  let [best, run]: [number[], number[]] = [[], []];
  const width = (of: number[]) => of.at(-1)! - of[0]!;
  for (const [each, { holds }] of [...tried].sort(([a], [b]) => a - b)) {
    run = holds ? [...run, each] : [];
    if (best.length === 0 || width(run) >= width(best)) best = run;
  }
  return best;
}
