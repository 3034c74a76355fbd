import { type MetricName, metrics, units } from '#lab/experiment/hypothesis/metrics.ts';
import type { Result, Round } from '#lab/result/result.ts';
import { bootstrapDifference, type Estimate } from './bootstrap.ts';
import { collapseOver, differenceOf, meanOver, valuesOf, variantNames } from './estimates.ts';
import { type BySeed, pairedDifference } from './paired.ts';
import { roundOf } from './round.ts';
import { asDone } from './throughput-adjust.ts';
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
  /** Null where there is no interval (fewer than two rounds, or one without data), or where it would mislead. */
  readonly verdict: 'better' | 'worse' | 'no difference' | null;
  /** What brings such a change about by itself, in the place of a verdict. */
  readonly instead?: 'more done' | 'less done' | 'another load';
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

/** Of the attempts that were let through, which are fewer where more is refused. */
const ofTried: readonly Figure[] = ['errors', 'wasted', 'retries'];

/** Also those get worse where what was refused, or cut off, is done after all: latencies are of the completed alone. */
const ofDone: readonly Figure[] = [...ofTried, 'p50', 'p99'];

/** They are fewer where less is offered. Not what is lost: of any load that is none. */
const ofOffered: readonly Figure[] = [...ofTried, 'duplicates'];

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
    ...both.flatMap((variant) => {
      const done = doneOn(sides, variant);
      return (Object.keys(better) as Figure[]).map((figure) =>
        changeOf(variant, figure, sides, margin, done),
      );
    }),
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

/** Rounds of a result; a single run is one. */
export const roundsOf = (result: Result): Rounds => result.rounds ?? [roundOf(result)];

function changeOf(variant: string, figure: Figure, of: Sides, margin: number, done: Done): Change {
  const sides = figure === 'collapsed' ? collapses(of, variant) : means(of, variant, figure);
  const isPoints = units[metrics[figure].unit].max === 1;
  const allowed = isPoints ? margin : margin * (sides.before?.value ?? 0);
  const judge = (difference: Estimate | null) => judged(difference, better[figure], allowed);
  const change = { variant, figure, ...sides, ...judge(sides.difference) };
  const instead = insteadOf(change.verdict, figure, done, of);
  if (!instead) return change;
  const beyond = instead === 'another load' ? null : judge(beyondDone(variant, figure, of, done));
  return beyond?.verdict === change.verdict
    ? { ...change, ...beyond }
    : { ...change, verdict: null, regressed: false, instead };
}

/** What of a change so much done can't bring about. */
const beyondDone = (variant: string, figure: MetricName, sides: Sides, { ratio }: Done): Estimate | null =>
  differenceIn(
    sides,
    (rounds) => valuesOf(rounds, variant, figure),
    (rounds) => asDone(rounds, variant, figure, ratio),
  );

/** What may explain a change, so that it is neither better nor worse: as much must be done for the same load. */
function insteadOf(
  verdict: Change['verdict'],
  figure: Figure,
  { difference: done }: Done,
  { isSameLoad }: Sides,
): Change['instead'] {
  if (!verdict) return undefined;
  if (!isSameLoad && ofOffered.includes(figure)) return 'another load';
  if (!ofDone.includes(figure)) return undefined;
  if (verdict === 'worse' && done && done.low > 0) return 'more done';
  return verdict === 'better' && done && done.high < 0 ? 'less done' : undefined;
}

/** What became of the part that was done. */
interface Done {
  readonly difference: Estimate | null;
  /** Of after to before, in the mean. */
  readonly ratio: number;
}

function doneOn(sides: Sides, variant: string): Done {
  const meanIn = (rounds: Rounds) => {
    const parts = [...doneIn(rounds, variant).values()].map(Number);
    return parts.reduce((sum, part) => sum + part, 0) / parts.length;
  };
  return {
    difference: differenceIn(sides, (rounds) => doneIn(rounds, variant)),
    ratio: meanIn(sides.after) / meanIn(sides.before),
  };
}

/** The part of the offered that was completed. */
const doneIn = (rounds: Rounds, variant: string): BySeed => {
  const offered = valuesOf(rounds, variant, 'offered');
  return new Map(
    [...valuesOf(rounds, variant, 'completed')].map(([seed, completed]) => {
      const of = offered.get(seed);
      return [seed, completed !== null && of ? completed / of : null];
    }),
  );
};

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

function means(sides: Sides, variant: string, metric: MetricName) {
  const { before, after } = sides;
  return {
    before: meanOver(before, variant, metric),
    after: meanOver(after, variant, metric),
    difference: differenceOf(
      metric,
      differenceIn(sides, (rounds) => valuesOf(rounds, variant, metric)),
    ),
  };
}

function differenceIn(
  { before, after, isSameLoad }: Sides,
  valuesIn: (rounds: Rounds) => BySeed,
  valuesBefore = valuesIn,
): Estimate | null {
  const [b, a] = [valuesBefore(before), valuesIn(after)];
  return isSameLoad && haveSameSeeds(a, b) ? pairedDifference(a, b) : independentDifference(a, b);
}

const haveSameSeeds = (a: BySeed, b: BySeed): boolean =>
  a.size === b.size && [...a.keys()].every((seed) => b.has(seed));

function independentDifference(...sides: readonly [after: BySeed, before: BySeed]): Estimate | null {
  const [after, before] = sides.map((side) => [...side.values()].filter((value) => value !== null));
  const isWhole = after!.length === sides[0].size && before!.length === sides[1].size;
  return isWhole ? bootstrapDifference(after!, before!) : null;
}
