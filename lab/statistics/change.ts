import { type MetricName, metrics, units } from '#lab/experiment/metrics.ts';
import type { Result, Round } from '#lab/result/result.ts';
import { bootstrapDifference, type Estimate } from './bootstrap.ts';
import { collapseOver, differenceOf, meanOver, valuesOf, variantNames } from './estimates.ts';
import { type BySeed, pairedDifference } from './paired.ts';
import { roundOf } from './rounds.ts';
import { wilsonDifference } from './wilson.ts';

/** What became of a figure from some rounds to others. */
export interface Change {
  /** Null where it is the dependency's: its capacity. */
  readonly variant: string | null;
  /** Of `collapsed` the probability. */
  readonly figure: MetricName | 'capacity';
  /** Null where nothing was measured. */
  readonly before: Estimate | null;
  readonly after: Estimate | null;
  /** After less before; null where a round has nothing, since the others would say what only the lucky ones measured. */
  readonly difference: Estimate | null;
  /** Null where there is no interval: fewer than two rounds, or one without data. */
  readonly verdict: 'better' | 'worse' | 'no difference' | null;
  /** Whether it is worse by more than the margin, and that is not luck. */
  readonly regressed: boolean;
}

/** The figures by which rounds are compared, and what is better. Not amplification: below 1 more of it is less refused. */
const better = {
  goodput: 'more',
  collapsed: 'less',
  errors: 'less',
  lost: 'less',
  duplicates: 'less',
  wasted: 'less',
  retries: 'less',
  p50: 'less',
  p99: 'less',
} as const satisfies Partial<Record<Change['figure'], 'more' | 'less'>>;

type Figure = keyof typeof better;
type Rounds = readonly Round[];

interface Sides {
  readonly before: Rounds;
  readonly after: Rounds;
  readonly isSameLoad: boolean;
}

/**
 * Every change in the variants that both results have, and of a capacity that both measured; a single run is one round.
 * Rounds of the same seeds are compared seed by seed, where they met the same load. The margin is a part of the value before;
 * for shares and probabilities it is that many points.
 */
export function changesBetween(before: Result, after: Result, margin = 0): Change[] {
  const sides: Sides = {
    before: roundsOf(before),
    after: roundsOf(after),
    isSameLoad: Math.abs(scaleOf(after) / scaleOf(before) - 1) < 1e-4,
  };
  const gone = missingIn(after, before);
  const both = variantNames(sides.before).filter((name) => !gone.includes(name));
  return [
    ...both.flatMap((variant) =>
      (Object.keys(better) as Figure[]).map((figure) => changeOf(variant, figure, sides, margin)),
    ),
    ...changeOfCapacity(before, after, margin),
  ];
}

/** The variants of a result that another lacks. */
export function missingIn(other: Result, result: Result): string[] {
  const names = variantNames(roundsOf(other));
  return variantNames(roundsOf(result)).filter((name) => !names.includes(name));
}

/** By how much the load is more than what its file says. */
const scaleOf = ({ capacity }: Result): number =>
  capacity ? capacity.perSecond / capacity.nominalPerSecond : 1;

const roundsOf = (result: Result): Rounds => result.rounds ?? [roundOf(result)];

function changeOf(variant: string, figure: Figure, of: Sides, margin: number): Change {
  const sides = figure === 'collapsed' ? collapses(of, variant) : means(of, variant, figure);
  const isPoints = units[metrics[figure].unit].max === 1;
  const allowed = isPoints ? margin : margin * (sides.before?.value ?? 0);
  return { variant, figure, ...sides, ...judged(sides.difference, better[figure], allowed) };
}

/** It lies surely between the bounds of its measurement, so the difference does between theirs. */
function changeOfCapacity(before: Result, after: Result, margin: number): Change[] {
  const [b, a] = [measuredCapacity(before), measuredCapacity(after)];
  if (!b || !a) return [];
  const difference = { value: a.value - b.value, low: a.low - b.high, high: a.high - b.low };
  const verdict = judged(difference, 'more', margin * b.value);
  return [{ variant: null, figure: 'capacity', before: b, after: a, difference, ...verdict }];
}

function measuredCapacity({ capacity }: Result): Estimate | null {
  const { perSecond: value, low, high } = capacity ?? {};
  return value !== undefined && low !== undefined && high !== undefined ? { value, low, high } : null;
}

function judged(
  difference: Estimate | null,
  better: 'more' | 'less',
  allowed: number,
): Pick<Change, 'verdict' | 'regressed'> {
  const [least, most] = difference ? harm(difference, better) : [Number.NaN, Number.NaN];
  const verdict = least > 0 ? 'worse' : most < 0 ? 'better' : least <= 0 ? 'no difference' : null;
  return { verdict, regressed: least > allowed };
}

/** The least and the most by which something got worse. */
const harm = ({ low, high }: Estimate, better: 'more' | 'less'): [number, number] =>
  better === 'less' ? [low, high] : [-high, -low];

function collapses({ before, after }: Sides, variant: string) {
  const [b, a] = [collapseOver(before, variant), collapseOver(after, variant)];
  const difference = wilsonDifference(a, b);
  const isOfOne = Math.min(a.of, b.of) < 2;
  return {
    before: b,
    after: a,
    difference: isOfOne ? { ...difference, low: Number.NaN, high: Number.NaN } : difference,
  };
}

function means({ before, after, isSameLoad }: Sides, variant: string, metric: MetricName) {
  const [b, a] = [valuesOf(before, variant, metric), valuesOf(after, variant, metric)];
  return {
    before: meanOver(before, variant, metric),
    after: meanOver(after, variant, metric),
    difference: differenceOf(
      metric,
      isSameLoad && haveSameSeeds(a, b) ? pairedDifference(a, b) : independentDifference(a, b),
    ),
  };
}

const haveSameSeeds = (a: BySeed, b: BySeed): boolean =>
  a.size === b.size && [...a.keys()].every((seed) => b.has(seed));

function independentDifference(...sides: readonly [after: BySeed, before: BySeed]): Estimate | null {
  const [after, before] = sides.map((side) => [...side.values()].filter((value) => value !== null));
  const isWhole = after!.length === sides[0].size && before!.length === sides[1].size;
  return isWhole ? bootstrapDifference(after!, before!) : null;
}
