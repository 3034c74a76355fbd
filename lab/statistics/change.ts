import { type MetricName, metrics } from '#lab/experiment/metrics.ts';
import type { Result, Round } from '#lab/result/result.ts';
import { bootstrapDifference, type Estimate } from './bootstrap.ts';
import { collapseOver, differenceOf, meanOver, valuesOf, variantNames } from './estimates.ts';
import { type BySeed, pairedDifference } from './paired.ts';
import { roundOf } from './rounds.ts';
import { wilsonDifference } from './wilson.ts';

/** What of a variant became of a figure from some rounds to others. */
export interface Change {
  readonly variant: string;
  /** A metric, or `collapsed`: the probability of that. */
  readonly figure: MetricName | 'collapsed';
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

/**
 * Every change in the variants that both results have; a single run is one round. Rounds of the same seeds are compared seed
 * by seed. The margin is a part of the value before; for shares and probabilities it is that many points.
 */
export function changesBetween(before: Result, after: Result, margin = 0): Change[] {
  const rounds = { before: roundsOf(before), after: roundsOf(after) };
  const others = variantNames(rounds.after);
  const both = variantNames(rounds.before).filter((name) => others.includes(name));
  return both.flatMap((variant) =>
    (Object.keys(better) as Figure[]).map((figure) => changeOf(variant, figure, { ...rounds, margin })),
  );
}

const roundsOf = (result: Result): Rounds => result.rounds ?? [roundOf(result)];

/** A change for the worse counts as positive. */
function changeOf(
  variant: string,
  figure: Figure,
  { before, after, margin }: { before: Rounds; after: Rounds; margin: number },
): Change {
  const sides =
    figure === 'collapsed' ? collapses(before, after, variant) : means(before, after, variant, figure);
  const { difference } = sides;
  const isPoints = figure === 'collapsed' || metrics[figure].unit === 'share';
  const allowed = isPoints ? margin : margin * (sides.before?.value ?? 0);
  const [least, most] = difference ? harm(difference, better[figure]) : [Number.NaN, Number.NaN];
  const verdict = least > 0 ? 'worse' : most < 0 ? 'better' : least <= 0 ? 'no difference' : null;
  return { variant, figure, ...sides, verdict, regressed: least > allowed };
}

/** The least and the most by which something got worse. */
const harm = ({ low, high }: Estimate, better: 'more' | 'less'): [number, number] =>
  better === 'less' ? [low, high] : [-high, -low];

function collapses(before: Rounds, after: Rounds, variant: string) {
  const [b, a] = [collapseOver(before, variant), collapseOver(after, variant)];
  const difference = wilsonDifference(a, b);
  const isOfOne = Math.min(a.of, b.of) < 2;
  return {
    before: b,
    after: a,
    difference: isOfOne ? { ...difference, low: Number.NaN, high: Number.NaN } : difference,
  };
}

function means(before: Rounds, after: Rounds, variant: string, metric: MetricName) {
  const [b, a] = [valuesOf(before, variant, metric), valuesOf(after, variant, metric)];
  return {
    before: meanOver(before, variant, metric),
    after: meanOver(after, variant, metric),
    difference: differenceOf(
      metric,
      haveSameSeeds(a, b) ? pairedDifference(a, b) : independentDifference(a, b),
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
