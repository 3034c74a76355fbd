import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { type MetricName, metrics, type Percentile, units } from '#lab/experiment/hypothesis/metrics.ts';
import { disturbedIn } from '#lab/result/facts.ts';
import type { Result, Round } from '#lab/result/result.ts';
import { apart, type BySeed, bootstrapMean, type Estimate, pairedDifference } from './bootstrap.ts';
import {
  collapseOver,
  differenceOf,
  eventIn,
  meanOver,
  roundOf,
  valuesOf,
  variantNames,
} from './estimates.ts';

export interface Change {
  readonly variant: string;
  /** The value of `collapsed` is a probability. */
  readonly figure: MetricName;
  /** Null if nothing was measured. */
  readonly before: Estimate | null;
  readonly after: Estimate | null;
  /** After − before. Null if a round has no value, since the mean of the other rounds would be biased. */
  readonly difference: Estimate | null;
  /**
   * Null without an interval: fewer than two rounds, or a round without data. Also null if a verdict would mislead.
   * `instead` then has the reason.
   */
  readonly verdict: 'better' | 'worse' | 'no difference' | null;
  readonly instead?: 'another load' | 'invalid' | 'more done' | 'less done';
  /** True if the figure is worse by more than the margin, and not by chance. */
  readonly regressed: boolean;
}

/**
 * Figures by which rounds are compared, and the direction in which they are better. Amplification is left out: below 1,
 * a higher value means that fewer requests were refused.
 */
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

/** Counts of attempts. They are lower if more requests are refused. */
const ofAttempts: readonly Figure[] = ['errors', 'wasted', 'retries'];

/**
 * Figures that get worse if more requests complete instead of being refused or cut off. Latencies are among them, since
 * they cover only completed requests.
 */
const ofCompleted: readonly Figure[] = [...ofAttempts, 'p50', 'p99'];

type Rounds = readonly Round[];

interface Sides {
  readonly before: Rounds;
  readonly after: Rounds;
}

/**
 * Returns the changes of the variants that both results have. A single run is one round. Rounds with the same seeds are
 * compared seed by seed. `margin` is a share of the value before; for shares and probabilities, a difference in points.
 */
export function changesBetween(before: Result, after: Result, margin = 0): Change[] {
  const sides: Sides = { before: roundsOf(before), after: roundsOf(after) };
  const gone = missingIn(after, before);
  const both = variantNames(sides.before).filter((name) => !gone.includes(name));
  return both.flatMap((variant) => {
    const throughput = throughputOf(sides, variant);
    const isOther = hasOtherLoad([before, after], variant);
    const isInvalid = [before, after].some((result) => disturbedIn(result).includes(variant));
    const instead = isOther ? 'another load' : isInvalid ? 'invalid' : undefined;
    return (Object.keys(better) as Figure[]).map((figure) => ({
      ...changeOf(variant, figure, sides, margin, throughput),
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
  const rounds = of.map(roundsOf);
  const [earlier, later] = rounds.map((each) => valuesOf(each, variant, 'offered')) as [BySeed, BySeed];
  const both = [...earlier.keys()].filter((seed) => later.has(seed));
  if (both.length > 0) return both.some((seed) => earlier.get(seed) !== later.get(seed));
  const [mean, other] = rounds.map((each) => meanOver(each, variant, 'offered')?.value ?? 0);
  return Math.abs(mean! - other!) > 4 * Math.sqrt(mean! / earlier.size + other! / later.size);
}

/** Returns the arrivals of each phase, as in the text of the experiment. */
const arrivalsOf = ({ experiment: { source } }: Result): unknown[] | undefined =>
  parseDocument(source)
    .toJS()
    ?.load?.map(({ arrivals }: { arrivals: unknown }) => arrivals);

/** Returns the variants of `result` that `other` lacks. */
export function missingIn(other: Result, result: Result): string[] {
  const names = variantNames(roundsOf(other));
  return variantNames(roundsOf(result)).filter((name) => !names.includes(name));
}

/** Returns the rounds of a result. A single run counts as one round. */
export const roundsOf = (result: Result): Rounds => result.rounds ?? [roundOf(result)];

function changeOf(
  variant: string,
  figure: Figure,
  of: Sides,
  margin: number,
  throughput: Throughput,
): Change {
  const values = (rounds: Rounds) => valuesOf(rounds, variant, figure);
  const { max } = units[metrics[figure].unit];
  const sides = figure === 'collapsed' ? collapses(of, variant) : means(of, variant, figure);
  const allowed = max === 1 ? margin : margin * (sides.before?.value ?? 0);
  const judge = (difference: Estimate | null) => judged(difference, better[figure], allowed);
  const change = { variant, figure, ...sides, ...judge(sides.difference) };
  const instead = insteadOf(change.verdict, figure, throughput);
  if (!instead) return change;
  // Judges only the part of the change that the different throughput does not explain.
  const adjusted = (rounds: Rounds) => throughputAdjusted(rounds, variant, figure, throughput.ratio);
  const beyond = judge(differenceIn(of, values, adjusted, eventIn(of.before, variant, figure)));
  return beyond.verdict === change.verdict
    ? { ...change, ...beyond }
    : { ...change, verdict: null, regressed: false, instead };
}

/** Returns another explanation of a change, if there is one. The change then counts as neither better nor worse. */
function insteadOf(
  verdict: Change['verdict'],
  figure: Figure,
  { difference: throughput }: Throughput,
): Change['instead'] {
  if (!verdict || !ofCompleted.includes(figure)) return undefined;
  if (verdict === 'worse' && throughput && throughput.low > 0) return 'more done';
  return verdict === 'better' && throughput && throughput.high < 0 ? 'less done' : undefined;
}

/** Change of throughput: the completed share of the offered requests. */
type Throughput = ReturnType<typeof throughputOf>;

function throughputOf(sides: Sides, variant: string) {
  const sharesIn = (rounds: Rounds): BySeed => {
    const offered = valuesOf(rounds, variant, 'offered');
    const completed = [...valuesOf(rounds, variant, 'completed')];
    return new Map(completed.map(([seed, count]) => [seed, ratioOf(count, offered.get(seed))]));
  };
  const meanIn = (rounds: Rounds) => {
    const shares = [...sharesIn(rounds).values()];
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

function collapses({ before, after }: Sides, variant: string) {
  const [b, a] = [collapseOver(before, variant), collapseOver(after, variant)];
  const bounds = Math.min(a.of, b.of) < 2 && { low: Number.NaN, high: Number.NaN };
  return { before: b, after: a, difference: { ...apart(a, b), ...bounds } };
}

function means(sides: Sides, variant: string, metric: MetricName) {
  const valuesIn = (rounds: Rounds) => valuesOf(rounds, variant, metric);
  const difference = differenceIn(sides, valuesIn, valuesIn, eventIn(sides.before, variant, metric));
  return {
    before: meanOver(sides.before, variant, metric),
    after: meanOver(sides.after, variant, metric),
    difference: differenceOf(metric, difference),
  };
}

/**
 * Estimates the difference of values. Compares rounds with the same seeds seed by seed. Null if a round has no value.
 */
function differenceIn(
  { before, after }: Sides,
  valuesIn: (rounds: Rounds) => BySeed,
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

/**
 * Returns the values that a figure would have with a throughput `ratio` times as high. A count is multiplied by
 * `ratio`. A percentile is exchanged:
 * - at a ratio above 1 for a higher percentile, since the additional completions may be slower than the others;
 * - at a ratio below 1 for a lower percentile, since the slowest completions may be missing.
 */
function throughputAdjusted(rounds: Rounds, variant: string, metric: MetricName, ratio: number): BySeed {
  const part = known.find(([name]) => name === metric)?.[1];
  return new Map(
    rounds.flatMap(({ seed, variants }) => {
      const values = variants.find(({ name }) => name === variant)?.values;
      if (!values) return [];
      const value = values[metric] ?? null;
      const times = value === null ? null : value * ratio;
      return [[seed, part === undefined ? times : quantile(values, part * ratio)]];
    }),
  );
}

type Values = Round['variants'][number]['values'];

/** Percentiles that a round reports, with the share of completed requests that each covers. */
const known: readonly (readonly [Percentile, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
];

/**
 * Returns the latency up to which a share of the completed requests lies, by interpolation between two reported
 * percentiles. 0 up to the share of the lowest, Infinity above that of the highest. Null if one of the two is missing.
 */
function quantile(values: Values, part: number): number | null {
  const above = known.findIndex(([, of]) => of >= part);
  if (above < 1) return above === 0 ? 0 : Infinity;
  const [[lowName, low], [highName, high]] = [known[above - 1]!, known[above]!];
  const [from, to] = [values[lowName] ?? null, values[highName] ?? null];
  return from === null || to === null ? null : from + ((part - low) / (high - low)) * (to - from);
}
