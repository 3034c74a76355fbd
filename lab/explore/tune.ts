import type { Point } from './space.ts';
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

type Try = (point: Point) => Promise<Trial>;

/** Indices of the values of a point in its ranges. */
type Indices = readonly number[];

/** Numbers of values of a coarse grid, tried one after the other until one holds. */
const coarse = [5, 9, 17];
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
      for (const index of spread(last, count)) if (await holds(index)) feasible.push(index);
      if (feasible.length > 0) break;
    }
    if (feasible.length === 0) return { best: undefined, isBroken: false };
    // Continues from the longest run of neighbours that hold.
    const order = [...tried].sort((a, b) => a - b);
    feasible = longestRun(order, new Set(feasible));
    const [first, end] = [feasible[0]!, feasible.at(-1)!];
    const below = order.findLast((index) => index < first);
    const above = order.find((index) => index > end);
    const low = below === undefined ? first : await this.#edge(first, below, holds);
    const high = above === undefined ? end : await this.#edge(end, above, holds);
    // Neighbours of the ends: a requirement that isn't monotone often shows there.
    for (const index of [low + 1, low - 2, high - 1, high + 2])
      if (index >= 0 && index <= last) await holds(index);
    const results = await Promise.all([...tried].map(async (index) => [index, await holds(index)] as const));
    const isBroken = results.some(([index, isHeld]) => isHeld !== (index >= low && index <= high));
    const best = this.#aim
      ? await this.#refine([feasible[feasible.length >> 1]!], [Math.max(1, (high - low) >> 2)], [low], [high])
      : // The end that the requirement limits; the upper one if it limits both or none.
        await this.#at([low > 0 && high === last ? low : high]);
    const [range] = this.#ranges;
    return { best, interval: [valueAt(range!, low), valueAt(range!, high)], isBroken };
  }

  async space(): Promise<Tuned> {
    const sizes = this.#ranges.map(sizeOf);
    const count = Math.max(2, Math.floor(gridMax ** (1 / sizes.length) + 1e-9));
    const grid = sizes.reduce<number[][]>(
      (points, size) => points.flatMap((point) => spread(size - 1, count).map((index) => [...point, index])),
      [[]],
    );
    const trials: (readonly [number[], Trial])[] = [];
    for (const indices of grid) trials.push([indices, await this.#at(indices)]);
    const [start] = trials.filter(([, { holds }]) => holds).sort(([, a], [, b]) => this.#order(a, b));
    if (!start) return { best: undefined, isBroken: false };
    const steps = sizes.map((size) => Math.max(1, Math.round((size - 1) / (count - 1) / 2)));
    const best = await this.#refine(
      start[0],
      steps,
      sizes.map(() => 0),
      sizes.map((size) => size - 1),
    );
    return { best, isBroken: false };
  }

  /** Bisects between an index that holds and one that doesn't. Resolves with the last one that holds. */
  async #edge(held: number, missed: number, holds: (index: number) => Promise<boolean>): Promise<number> {
    let [good, bad] = [held, missed];
    while (Math.abs(bad - good) > 1) {
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
      trial = this.#tryAt(indices.map((index, path) => valueAt(this.#ranges[path]!, index)));
      this.#trials.set(name, trial);
    }
    return trial;
  }

  /** Orders trials by their metric, the better first. */
  #order(a: Trial, b: Trial): number {
    const worst = Number.MAX_VALUE;
    const value = ({ metric }: Trial) =>
      metric === null ? worst : this.#aim === 'maximize' ? -metric : metric;
    return value(a) - value(b);
  }
}

/** Returns indices from 0 to `last`, at most `count`, evenly spread. */
export const spread = (last: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1)))),
];

/** Returns the longest run of neighbours in `order` that are among `some`; the last one of several. */
function longestRun(order: readonly number[], some: ReadonlySet<number>): number[] {
  let [best, run]: [number[], number[]] = [[], []];
  for (const index of order) {
    run = some.has(index) ? [...run, index] : [];
    if (run.length >= best.length) best = run;
  }
  return best;
}
