import { meanOf } from '#lab/judge/statistics/bootstrap.ts';
import { gridOf, type Point } from './space.ts';
import type { Trial } from './trial.ts';
import { type Range, sizeOf, valueAt } from './values.ts';

/** Direction in which a metric is better; undefined without a metric. */
export type Aim = 'minimize' | 'maximize' | undefined;

export interface Tuned {
  /** Trial with fresh seeds at the best point for which they hold, too; undefined if there is none. */
  readonly best: Trial | undefined;
  /** True if its neighbours also hold with fresh seeds: those a tenth of the interval away. */
  readonly isInside: boolean;
}

/**
 * Tries a point with the seeds of the search, or with fresh ones. `where` is the place of the point: `inside the
 * interval and beside its ends`.
 */
type Try = (point: Point, where: string, isFresh: boolean) => Promise<Trial>;

/** Indices of the values of a point in its ranges. */
type Indices = readonly number[];

/** Numbers of values of a coarse grid, tried one after the other until one holds. */
const coarse = [5, 9, 17];
/** Number of values that are tried inside an interval, to find holes. */
const insideMax = 9;
/** Maximal number of points of the coarse grid over several paths. */
const gridMax = 64;

/**
 * Finds the best point at which everything required holds. For one path it bisects the ends of the interval that holds,
 * and tries values inside and beside it. For several paths it refines a coarse grid around its best point. Then it
 * confirms the point and its neighbours with fresh seeds. If one falls short, it steps back from the best point.
 */
export async function tune(ranges: readonly Range[], aim: Aim, tryAt: Try): Promise<Tuned> {
  const search = new Search(ranges, aim, tryAt);
  return ranges.length === 1 ? search.line() : search.space();
}

class Search {
  readonly #ranges: readonly Range[];
  readonly #aim: Aim;
  readonly #tryAt: Try;
  readonly #trials = new Map<string, Promise<Trial>>();
  /** True for each index of a single path that holds with the seeds of the search. */
  readonly #held = new Map<number, boolean>();
  #where = '';
  /** Distance of the neighbours of a point, in steps of each range. */
  #margin = 1;

  constructor(ranges: readonly Range[], aim: Aim, tryAt: Try) {
    this.#ranges = ranges;
    this.#aim = aim;
    this.#tryAt = tryAt;
  }

  async line(): Promise<Tuned> {
    const last = sizeOf(this.#ranges[0]!) - 1;
    for (const count of coarse) {
      await this.#holdEach(spread(last, count), 'over the whole range');
      const interval = await this.#interval(last);
      if (!interval) continue;
      const [low, high] = interval;
      const inside = this.#held.keys().filter((index) => index >= low && index <= high);
      const points = [...inside].map((index) => [index]);
      const steps = [Math.max(1, (high - low) >> 4)];
      const end = limitedEnd(low, high, 0, last);
      this.#margin = Math.max(1, Math.round((high - low) / 10));
      const best = this.#aim ? await this.#refine(points, steps, [low], [high]) : [end];
      return this.#confirm(best, [best[0]! - low > high - best[0]! ? low : high]);
    }
    return { best: undefined, isInside: false };
  }

  async space(): Promise<Tuned> {
    const sizes = this.#ranges.map(sizeOf);
    const count = Math.max(2, Math.floor(gridMax ** (1 / sizes.length) + 1e-9));
    const grid: Indices[] = gridOf(sizes.map((size) => spread(size - 1, count)));
    const steps = sizes.map((size) => Math.max(1, Math.round((size - 1) / (count - 1) / 2)));
    const held: Indices[] = [];
    this.#where = 'on a coarse grid';
    for (const indices of grid) if ((await this.#at(indices)).holds) held.push(indices);
    if (held.length === 0) return { best: undefined, isInside: false };
    const first = sizes.map(() => 0);
    const end = sizes.map((size) => size - 1);
    const middle = first.map((_, path) => Math.round(meanOf(held.map((indices) => indices[path]!))));
    return this.#confirm(await this.#refine(held, steps, first, end), middle);
  }

  /** Resolves with the ends of the widest interval of values that hold. Tries values inside it until none fails. */
  async #interval(last: number): Promise<[low: number, high: number] | undefined> {
    for (;;) {
      const run = widestRun(this.#held);
      const [first, end] = [run[0], run.at(-1)];
      if (first === undefined || end === undefined) return undefined;
      const below = Math.max(...this.#held.keys().filter((index) => index < first));
      const above = Math.min(...this.#held.keys().filter((index) => index > end));
      const low = below < 0 ? first : await this.#edge(first, below);
      const high = above > last ? end : await this.#edge(end, above);
      const inside = spread(high - low, insideMax).map((index) => low + index);
      // Neighbours of the ends: a requirement that isn't monotone often shows there.
      const beside = [low + 1, low - 2, high - 1, high + 2].filter((index) => index >= 0 && index <= last);
      await this.#holdEach([...inside, ...beside], 'inside the interval and beside its ends');
      const isHole = ([index, isHeld]: [number, boolean]) => index > low && index < high && !isHeld;
      if (!this.#held.entries().some(isHole)) return [low, high];
    }
  }

  /** Tries values of a single path, those that were not tried. */
  async #holdEach(indices: readonly number[], where: string): Promise<void> {
    this.#where = where;
    for (const index of indices) if (!this.#held.has(index)) await this.#holds(index);
  }

  async #holds(index: number): Promise<boolean> {
    const { holds } = await this.#at([index]);
    this.#held.set(index, holds);
    return holds;
  }

  /** Bisects between an index that holds and one that doesn't. Resolves with the last one that holds. */
  async #edge(held: number, missed: number): Promise<number> {
    this.#where = 'between a value that holds and one that fails';
    let [good, bad] = [held, missed];
    while (Math.abs(bad - good) > 1) {
      const middle = Math.trunc((good + bad) / 2);
      if (await this.#holds(middle)) good = middle;
      else bad = middle;
    }
    return good;
  }

  /** Moves from the best of some points that were tried to better neighbours that hold, with ever smaller steps. */
  async #refine(from: readonly Indices[], first: Indices, low: Indices, high: Indices): Promise<Indices> {
    const trials = await Promise.all(from.map(async (at) => [at, await this.#at(at)] as const));
    let [at, best] = trials.sort(([, a], [, b]) => this.#order(a, b))[0]!;
    let steps = first;
    this.#where = 'around the best point';
    for (;;) {
      let next: readonly [Indices, Trial] = [at, best];
      for (const [path, step] of steps.entries()) {
        for (const by of [-step, step]) {
          const index = Math.min(high[path]!, Math.max(low[path]!, at[path]! + by));
          const neighbour = at.with(path, index);
          const trial = await this.#at(neighbour);
          if (trial.holds && this.#order(trial, next[1]) < 0) next = [neighbour, trial];
        }
      }
      if (next[1] !== best) [at, best] = next;
      else if (steps.every((step) => step === 1)) return at;
      else steps = steps.map((step) => Math.max(1, step >> 1));
    }
  }

  /** Confirms a point with fresh seeds. Steps back to another one until one holds, if possible with its neighbours. */
  async #confirm(best: Indices, back: Indices): Promise<Tuned> {
    const hold = async (points: readonly Indices[], isFresh: boolean) => {
      this.#where = isFresh ? 'with fresh seeds' : 'around the best point';
      for (const each of points) if (!(await this.#at(each, isFresh)).holds) return false;
      return true;
    };
    for (const isInside of [true, false])
      for (const at of stepsBack(best, back, this.#margin)) {
        const points = [at, ...(isInside ? this.#neighbours(at) : [])];
        if ((await hold(points, false)) && (await hold(points, true)))
          return { best: await this.#at(at, true), isInside };
      }
    return { best: undefined, isInside: false };
  }

  #neighbours(at: Indices): Indices[] {
    const limited = (index: number, path: number) =>
      Math.max(0, Math.min(sizeOf(this.#ranges[path]!) - 1, index));
    const beside = (index: number, path: number, by: number) => at.with(path, limited(index + by, path));
    return at.flatMap((index, path) => [-this.#margin, this.#margin].map((by) => beside(index, path, by)));
  }

  #at(indices: Indices, isFresh = false): Promise<Trial> {
    const name = `${indices.join()} ${isFresh}`;
    let trial = this.#trials.get(name);
    if (!trial) {
      const point = indices.map((index, path) => valueAt(this.#ranges[path]!, index));
      trial = this.#tryAt(point, this.#where, isFresh);
      this.#trials.set(name, trial);
    }
    return trial;
  }

  #order(a: Trial, b: Trial): number {
    return byMetric(this.#aim)(a, b);
  }
}

/** Orders trials by their metric, the better first. */
const byMetric =
  (aim: Aim) =>
  (a: Trial, b: Trial): number => {
    const worst = Number.MAX_VALUE;
    const value = ({ metric }: Trial) => (metric === null ? worst : aim === 'maximize' ? -metric : metric);
    return value(a) - value(b);
  };

/** Returns the end of an interval that the requirement limits; the upper one if it limits both or none. */
const limitedEnd = (low: number, high: number, first: number, last: number): number =>
  low > first && high === last ? low : high;

/** Yields points from one towards another: itself, and those 1, 2, 4, 8, … times `least` steps away. */
function* stepsBack(from: Indices, to: Indices, least: number): Iterable<Indices> {
  const distance = Math.max(...from.map((index, path) => Math.abs(to[path]! - index)));
  for (let steps = 0; ; steps = Math.min(distance, Math.max(least, 2 * steps))) {
    yield from.map(
      (index, path) => index + Math.round((steps * (to[path]! - index)) / Math.max(1, distance)),
    );
    if (steps === distance) return;
  }
}

/** Returns the last trial of each point: that with fresh seeds, if there is one. */
const latest = <T extends Pick<Trial, 'point'>>(trials: readonly T[]): T[] => [
  ...new Map(trials.map((trial) => [String(trial.point), trial])).values(),
];

/** Says between which values of a single path everything holds, how far the next one is that fails, and names holes. */
export function describeRegion(
  best: Pick<Trial, 'point'>,
  trials: readonly Pick<Trial, 'point' | 'holds'>[],
): string {
  const at = best.point[0]!;
  const order = latest(trials).toSorted((a, b) => a.point[0]! - b.point[0]!);
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

/** Returns the best of the trials of an unfinished search, as the finished one would choose it before stepping back. */
export function bestSoFar(ranges: readonly Range[], aim: Aim, trials: readonly Trial[]): Trial | undefined {
  const known = latest(trials);
  const held = known.filter(({ holds }) => holds);
  if (aim) return held.toSorted(byMetric(aim))[0];
  const run = widestRun(new Map(known.map(({ point, holds }) => [point[0]!, holds])));
  const [range] = ranges;
  const end = limitedEnd(run[0]!, run.at(-1)!, range!.from, valueAt(range!, sizeOf(range!) - 1));
  return held.find(({ point }) => point[0] === end);
}

/** Returns indices from 0 to `last`, at most `count`, evenly spread. */
export const spread = (last: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)))),
];

/** Returns the widest run of neighbours that hold, ascending; the last one of several. */
function widestRun(held: ReadonlyMap<number, boolean>): number[] {
  let [best, run]: [number[], number[]] = [[], []];
  const width = (of: number[]) => of.at(-1)! - of[0]!;
  for (const [each, isHeld] of [...held].sort(([a], [b]) => a - b)) {
    run = isHeld ? [...run, each] : [];
    if (best.length === 0 || width(run) >= width(best)) best = run;
  }
  return best;
}
