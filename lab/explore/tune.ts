import { gridOf, type Point } from './space.ts';
import type { Trial } from './trial.ts';
import { type Range, sizeOf, valueAt } from './values.ts';

/** Direction in which a metric is better; undefined without a metric. */
export type Aim = 'minimize' | 'maximize' | undefined;

export interface Tuned {
  /** Best trial that holds; undefined if none does. */
  readonly best: Trial | undefined;
  /** Values of a single path between which all trials hold. */
  readonly interval?: readonly [from: number, to: number];
  /** True if a single path has trials that hold on both sides of one that doesn't. */
  readonly isBroken: boolean;
}

/** State of a search when it tries a point. */
export interface Step {
  /** Place of the point: `beside the ends of the interval`. */
  readonly where: string;
  /** Estimate of the trials until the end, with this one. */
  readonly left: number;
}

type Try = (point: Point, step: Step) => Promise<Trial>;

/** Indices of the values of a point in its ranges. */
type Indices = readonly number[];

/** Numbers of values of a coarse grid, tried one after the other until one holds. */
const coarse = [5, 9, 17];
/** Neighbours that are tried at the ends of an interval. */
const neighbours = 4;
/** Maximal number of points of the coarse grid over several paths. */
const gridMax = 64;

/**
 * Finds the best point at which everything required holds. For one path it bisects the ends of the interval that holds,
 * and checks their neighbours. For several paths it refines a coarse grid around its best point.
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
  #step: Step = { where: '', left: 0 };

  constructor(ranges: readonly Range[], aim: Aim, tryAt: Try) {
    this.#ranges = ranges;
    this.#aim = aim;
    this.#tryAt = tryAt;
  }

  async line(): Promise<Tuned> {
    const last = sizeOf(this.#ranges[0]!) - 1;
    const tried = new Set<number>();
    const holds = async (index: number) => {
      tried.add(index);
      return (await this.#at([index])).holds;
    };
    let feasible: number[] = [];
    for (const count of coarse) {
      const some = spread(last, count).filter((index) => !tried.has(index));
      const after = 2 * halvings(last / (count - 1)) + neighbours;
      for (const [done, index] of some.entries()) {
        this.#step = { where: 'over the whole range', left: some.length - done + after };
        if (await holds(index)) feasible.push(index);
      }
      if (feasible.length > 0) break;
    }
    if (feasible.length === 0) return { best: undefined, isBroken: false };
    // Continues from the longest run of neighbours that hold.
    const order = [...tried].sort((a, b) => a - b);
    feasible = longestRun(order, new Set(feasible));
    const [first, end] = [feasible[0]!, feasible.at(-1)!];
    const below = order.findLast((index) => index < first);
    const above = order.find((index) => index > end);
    const toAbove = above === undefined ? 0 : halvings(above - end);
    const low = below === undefined ? first : await this.#edge(first, below, toAbove + neighbours, holds);
    const high = above === undefined ? end : await this.#edge(end, above, neighbours, holds);
    // Neighbours of the ends: a requirement that isn't monotone often shows there.
    const beside = [low + 1, low - 2, high - 1, high + 2].filter((index) => index >= 0 && index <= last);
    for (const [done, index] of beside.entries()) {
      this.#step = { where: 'beside the ends of the interval', left: beside.length - done };
      await holds(index);
    }
    const results = await Promise.all([...tried].map(async (index) => [index, await holds(index)] as const));
    const isBroken = results.some(([index, isHeld]) => isHeld !== (index >= low && index <= high));
    const best = this.#aim
      ? await this.#refine([feasible[feasible.length >> 1]!], [Math.max(1, (high - low) >> 2)], [low], [high])
      : await this.#at([limitedEnd(low, high, last)]);
    const [range] = this.#ranges;
    return { best, interval: [valueAt(range!, low), valueAt(range!, high)], isBroken };
  }

  async space(): Promise<Tuned> {
    const sizes = this.#ranges.map(sizeOf);
    const count = Math.max(2, Math.floor(gridMax ** (1 / sizes.length) + 1e-9));
    const grid: Indices[] = gridOf(sizes.map((size) => spread(size - 1, count)));
    const trials: (readonly [Indices, Trial])[] = [];
    const steps = sizes.map((size) => Math.max(1, Math.round((size - 1) / (count - 1) / 2)));
    for (const [done, indices] of grid.entries()) {
      this.#step = { where: 'on a coarse grid', left: grid.length - done + refinements(steps) };
      trials.push([indices, await this.#at(indices)]);
    }
    const [start] = trials.filter(([, { holds }]) => holds).sort(([, a], [, b]) => this.#order(a, b));
    if (!start) return { best: undefined, isBroken: false };
    const best = await this.#refine(
      start[0],
      steps,
      sizes.map(() => 0),
      sizes.map((size) => size - 1),
    );
    return { best, isBroken: false };
  }

  /** Bisects between an index that holds and one that doesn't. Resolves with the last one that holds. */
  async #edge(
    held: number,
    missed: number,
    after: number,
    holds: (index: number) => Promise<boolean>,
  ): Promise<number> {
    let [good, bad] = [held, missed];
    while (Math.abs(bad - good) > 1) {
      this.#step = {
        where: 'between a value that holds and one that fails',
        left: halvings(Math.abs(bad - good)) + after,
      };
      const middle = Math.trunc((good + bad) / 2);
      if (await holds(middle)) good = middle;
      else bad = middle;
    }
    return good;
  }

  /** Moves to better neighbours that hold, with steps that become smaller. */
  async #refine(from: Indices, first: Indices, low: Indices, high: Indices): Promise<Trial> {
    let [at, best] = [from, await this.#at(from)];
    let steps = first;
    for (;;) {
      let next: readonly [Indices, Trial] = [at, best];
      for (const [path, step] of steps.entries()) {
        for (const by of [-step, step]) {
          const index = Math.min(high[path]!, Math.max(low[path]!, at[path]! + by));
          const neighbour = at.with(path, index);
          this.#step = { where: 'around the best point', left: refinements(steps) };
          const trial = await this.#at(neighbour);
          if (trial.holds && this.#order(trial, next[1]) < 0) next = [neighbour, trial];
        }
      }
      if (next[1] !== best) [at, best] = next;
      else if (steps.every((step) => step === 1)) return best;
      else steps = steps.map((step) => Math.max(1, step >> 1));
    }
  }

  #at(indices: Indices): Promise<Trial> {
    const name = indices.join();
    let trial = this.#trials.get(name);
    if (!trial) {
      trial = this.#tryAt(
        indices.map((index, path) => valueAt(this.#ranges[path]!, index)),
        this.#step,
      );
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
const limitedEnd = (low: number, high: number, last: number): number =>
  low > 0 && high === last ? low : high;

/** Says between which values of a single path everything holds, and which trials make this less than certain. */
export function describeInterval(
  [from, to]: readonly [number, number],
  trials: readonly Pick<Trial, 'point' | 'holds'>[],
): string {
  const isInside = ([value = from]: Point) => value >= from && value <= to;
  const missed = trials.flatMap(({ point, holds }) => (isInside(point) && !holds ? point : []));
  const isBeyond = trials.some(({ point, holds }) => holds && !isInside(point));
  const text = [
    `All tried values from ${from} to ${to} hold`,
    missed.length > 0 && `, except ${missed.toSorted((a, b) => a - b).join(' and ')}`,
    isBeyond && ', and so do some beyond them',
    (missed.length > 0 || isBeyond) && ': the hypotheses are not monotone',
  ];
  return `${text.filter((part) => part !== false).join('')}.`;
}

/** Returns the best of the trials of an unfinished search, as the finished one would choose it. */
export function bestSoFar(ranges: readonly Range[], aim: Aim, trials: readonly Trial[]): Trial | undefined {
  const held = trials.filter(({ holds }) => holds);
  if (aim) return held.toSorted(byMetric(aim))[0];
  const ascending = trials.toSorted((a, b) => a.point[0]! - b.point[0]!);
  const run = longestRun(ascending, new Set(held));
  const last = sizeOf(ranges[0]!) - 1;
  const indexOf = ({ point }: Trial) => Math.round((point[0]! - ranges[0]!.from) / ranges[0]!.step);
  const [first, end] = [run[0], run.at(-1)];
  if (!first || !end) return undefined;
  return limitedEnd(indexOf(first), indexOf(end), last) === indexOf(end) ? end : first;
}

/** Returns how often a distance can be halved until it is 1. */
const halvings = (distance: number): number => Math.ceil(Math.log2(Math.max(1, distance)));

/** Estimates the trials of a refinement that begins with these steps: both neighbours on each path, for each length. */
const refinements = (steps: readonly number[]): number =>
  2 * steps.length * (1 + halvings(Math.max(...steps)));

/** Returns indices from 0 to `last`, at most `count`, evenly spread. */
export const spread = (last: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)))),
];

/** Returns the longest run of neighbours in `order` that are among `some`; the last one of several. */
function longestRun<T>(order: readonly T[], some: ReadonlySet<T>): T[] {
  let [best, run]: [T[], T[]] = [[], []];
  for (const each of order) {
    run = some.has(each) ? [...run, each] : [];
    if (run.length >= best.length) best = run;
  }
  return best;
}
