import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { type MetricName, metric, metricNames, units } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import { disturbedIn } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { apart, type BySeed, bootstrapMean, type Estimate, pairedDifference, wilson } from './bootstrap.ts';
import { countOf, seedsIn, valuesOf, variantNames, within } from './rounds.ts';

export interface Change {
  readonly variant: string;
  readonly metric: MetricName;
  /** Undefined if nothing was measured. */
  readonly before: Figure | undefined;
  readonly after: Figure | undefined;
  /** After − before. Null if a round has no value, since the mean of the other rounds would be biased. */
  readonly difference: Estimate | null;
  /** Null without two rounds, without data of a round, or if a verdict would mislead, for the reason `instead`. */
  readonly verdict: 'better' | 'worse' | 'no difference' | null;
  readonly instead?: 'another load' | 'invalid' | 'more done' | 'less done';
  /** True if the figure is worse by more than the margin, and not by chance. */
  readonly regressed: boolean;
}

const compared = metricNames.filter((name) => metric(name).better);

interface Sides {
  readonly before: Result;
  readonly after: Result;
}

/**
 * Returns the changes of the variants that both results have. A single run is one round. Rounds with the same seeds are
 * compared seed by seed. `margin` is a share of the value before; for shares and probabilities, a difference in points.
 */
export function changesBetween(before: Result, after: Result, margin = 0): Change[] {
  const sides: Sides = { before, after };
  const gone = missingIn(after, before);
  const both = variantNames(before).filter((name) => !gone.includes(name));
  return both.flatMap((variant) => {
    const throughput = throughputOf(sides, variant);
    const isOther = hasOtherLoad([before, after], variant);
    const isInvalid = [before, after].some((result) => disturbedIn(result).includes(variant));
    const instead = isOther ? 'another load' : isInvalid ? 'invalid' : undefined;
    return compared.map((name) => ({
      ...changeOf(variant, name, sides, margin, throughput),
      ...(instead && { verdict: null, regressed: false, instead }),
    }));
  });
}

/** Returns the variants that the runs offered different loads. */
export const offeredOther = (changes: readonly Change[]): string[] => [
  ...new Set(changes.flatMap(({ variant, instead }) => (instead === 'another load' ? variant : []))),
];

/**
 * True if the runs offered a variant different loads: other arrivals in their texts, or, e.g. from a recording, other
 * requests. With the same seed, the same load has as many requests. With other
 * seeds the means may differ by chance: by up to four standard deviations of Poisson arrivals. In a closed loop, whose
 * requests depend on the answers, the callers are the load.
 */
function hasOtherLoad(of: readonly [before: Result, after: Result], variant: string): boolean {
  const [b, a] = of.map(({ variants }) => variants.find(({ name }) => name === variant)?.config.load);
  if (a || b) return !isDeepStrictEqual(a, b);
  const [asked, ...others] = of.map(arrivalsOf);
  if (!isDeepStrictEqual(others, [asked])) return true;
  const [earlier, later] = of.map((each) => valuesOf(each, variant, 'offered')) as [BySeed, BySeed];
  const both = [...earlier.keys()].filter((seed) => later.has(seed));
  if (both.length > 0) return both.some((seed) => earlier.get(seed) !== later.get(seed));
  const [mean, other] = of.map((each) => valueIn(each, variant, 'offered') ?? 0);
  return Math.abs(mean! - other!) > 4 * Math.sqrt(mean! / earlier.size + other! / later.size);
}

/** Returns the arrivals of each phase, as in the text of the experiment. */
const arrivalsOf = ({ experiment: { source } }: Result): unknown[] | undefined =>
  parseDocument(source)
    .toJS()
    ?.load?.map(({ arrivals }: { arrivals: unknown }) => arrivals);

/** Returns the variants of `result` that `other` lacks. */
export const missingIn = (other: Result, result: Result): string[] =>
  variantNames(result).filter((name) => !variantNames(other).includes(name));

function changeOf(
  variant: string,
  name: MetricName,
  of: Sides,
  margin: number,
  throughput: Throughput,
): Change {
  const values = (result: Result) => valuesOf(result, variant, name);
  const [before, after] = [of.before, of.after].map(({ figures }) =>
    figureAt(figures, { variant, metric: name }),
  );
  const { unit, better } = metric(name);
  const event = units[unit].event?.(valueIn(of.before, variant, 'offered') ?? 0);
  const { max } = units[unit];
  const found = differenceIn(of, values, values, event);
  const difference =
    unit === 'verdict' ? shareDifference(before, after, of) : found && within(found, -max, max);
  const allowed = max === 1 ? margin : margin * (before?.value ?? 0);
  const judge = (difference: Estimate | null) => judged(difference, better!, allowed);
  const change = { variant, metric: name, before, after, difference, ...judge(difference) };
  const instead = insteadOf(change.verdict, name, throughput);
  if (!instead) return change;
  // Judges only the part of the change that the different throughput does not explain.
  const adjusted = (result: Result) => scaled(values(result), throughput.ratio);
  const beyond = judge(differenceIn(of, values, adjusted, event));
  return beyond.verdict === change.verdict
    ? { ...change, ...beyond }
    : { ...change, verdict: null, regressed: false, instead };
}

/** Returns the values that a figure has if it changes as much as throughput. */
const scaled = (values: BySeed, ratio: number): BySeed =>
  new Map(Array.from(values, ([seed, value]) => [seed, value === null ? null : value * ratio]));

/** Estimates the difference of two shares of rounds. A single run has no interval. */
function shareDifference(before: Figure | undefined, after: Figure | undefined, of: Sides): Estimate | null {
  const [b, a] = [before, after].map((figure) => {
    const { value = null, n = 1 } = figure ?? {};
    return value === null ? null : wilson(countOf({ value, n }), n);
  });
  if (!b || !a) return null;
  const isSingle = [of.before, of.after].some((result) => seedsIn(result).length < 2);
  return { ...apart(a, b), ...(isSingle && { low: Number.NaN, high: Number.NaN }) };
}

/** Returns another explanation of a change, if there is one. The change then counts as neither better nor worse. */
function insteadOf(
  verdict: Change['verdict'],
  name: MetricName,
  { difference: throughput }: Throughput,
): Change['instead'] {
  if (!verdict || !metric(name).growsWithWork) return undefined;
  if (verdict === 'worse' && throughput && throughput.low > 0) return 'more done';
  return verdict === 'better' && throughput && throughput.high < 0 ? 'less done' : undefined;
}

/** Change of throughput: the completed share of the offered requests. */
type Throughput = ReturnType<typeof throughputOf>;

function throughputOf(sides: Sides, variant: string) {
  const sharesIn = (result: Result): BySeed => {
    const offered = valuesOf(result, variant, 'offered');
    const completed = [...valuesOf(result, variant, 'completed')];
    return new Map(completed.map(([seed, count]) => [seed, ratioOf(count, offered.get(seed))]));
  };
  const meanIn = (result: Result) => {
    const shares = [...sharesIn(result).values()];
    return shares.reduce<number>((sum, share) => sum + (share ?? 0), 0) / shares.length;
  };
  return {
    difference: differenceIn(sides, sharesIn),
    /** Mean after ÷ mean before. */
    ratio: meanIn(sides.after) / meanIn(sides.before),
  };
}

const ratioOf = (count: number | null, of: number | null | undefined): number | null =>
  count !== null && of ? count / of : null;

function judged(
  difference: Estimate | null,
  better: 'more' | 'less',
  allowed: number,
): Pick<Change, 'verdict' | 'regressed'> {
  const { low, high } = difference ?? { low: Number.NaN, high: Number.NaN };
  // Bounds on the amount by which the figure got worse.
  const [least, most] = better === 'less' ? [low, high] : [-high, -low];
  const verdict = least > 0 ? 'worse' : most < 0 ? 'better' : least <= 0 ? 'no difference' : null;
  return { verdict, regressed: least > allowed };
}

/** Compares rounds with the same seeds seed by seed. Null if a round has no value. */
function differenceIn(
  { before, after }: Sides,
  valuesIn: (result: Result) => BySeed,
  valuesBefore = valuesIn,
  event = 0,
): Estimate | null {
  const [b, a] = [valuesBefore(before), valuesIn(after)];
  const haveSameSeeds = a.size === b.size && [...a.keys()].every((seed) => b.has(seed));
  if (haveSameSeeds) return pairedDifference(a, b, event);
  if ([...a.values(), ...b.values()].includes(null)) return null;
  const mean = (of: BySeed) => bootstrapMean([...of.values()] as number[], event);
  return apart(mean(a), mean(b));
}

type Side = readonly [path: string, result: Result];

/** Rounds for a margin. Intervals of fewer are wide, and valid only for normally distributed figures. */
const roundsMin = 5;

/** Refuses runs that can't be compared with a margin: with too few rounds, or with faults in only one of them. */
export function refuseUnlike(...sides: readonly [Side, Side]): void {
  const what = `expected at least ${roundsMin} rounds (run --repeat) beside --margin`;
  const problems = sides.flatMap(([path, { rounds }]) => {
    const count = rounds?.length ?? 1;
    return count < roundsMin ? [`${path}: ${what}, got ${count}`] : [];
  });
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  const [[, a], [, b]] = sides;
  if ((a.withoutFaults ?? false) !== (b.withoutFaults ?? false))
    throw new InputError(
      'expected two control runs (run --without-faults) beside --margin, or none, got one',
    );
}

/** Throws InputError for another load, and for a variant of the first run that the second lacks. */
export function regressionCode(a: Result, b: Result, changes: readonly Change[]): number {
  if ([a, b].some(({ errors }) => errors.length > 0)) return exitCodes.invalid;
  const other = offeredOther(changes).join(', ');
  if (other !== '')
    throw new InputError(`expected the same load in both runs beside --margin, got another one for ${other}`);
  const gone = missingIn(b, a);
  if (gone.length > 0)
    throw new InputError(
      `expected every variant of the first run in the second beside --margin, missing ${gone.join(', ')}`,
    );
  if (changes.some(({ regressed }) => regressed)) return exitCodes.failed;
  return changes.some(({ instead }) => instead === 'invalid') ? exitCodes.invalid : exitCodes.held;
}
