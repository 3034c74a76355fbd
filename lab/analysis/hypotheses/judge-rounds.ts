import { apart, bootstrapMean, type Estimate, tallyOf } from '#lab/analysis/statistics/bootstrap.ts';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { metrics } from '#lab/experiment/hypothesis/metrics.ts';
import type { Hypothesis, Measure, Quantity } from '#lab/experiment/hypothesis/terms.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import { holds } from './hypothesis.ts';

/**
 * Judges a hypothesis over rounds that have each judged it. It holds if the whole interval of the mean difference of its sides
 * does. With `==`, or if only a lower bound of a side is known, it must hold in every round. Without data in a round it fails.
 * Frequencies have Wilson's interval: 0 of 5 rounds may be chance.
 */
export function judgeRounds(each: readonly HypothesisResult[]): HypothesisResult {
  const judged = each.filter(({ ok }) => ok !== null);
  const [first = each[0]!, ...others] = judged;
  if (others.length === 0) return first;
  const { text } = first;
  const missing = judged.filter(({ left, right }) => left === null || right === null);
  const [left, right] = [meanOf(judged, 'left'), meanOf(judged, 'right')];
  if (missing.length > 0) {
    const reason = `${missing[0]!.reason} in ${missing.length} of ${judged.length} rounds`;
    return { text, ok: false, left, right, reason };
  }
  const held = judged.filter(({ ok }) => ok).length;
  const censored = judged.filter(({ reason }) => reason !== undefined);
  if (censored.length > 0) {
    const reason = `${censored[0]!.reason} in ${censored.length} of ${judged.length} rounds, so it must hold in each: it did in ${held}`;
    return { text, ok: held === judged.length, left, right, reason };
  }
  const hypothesis = parseHypothesis(text);
  const { operator } = hypothesis;
  const [lefts, rights] = [judged.map(({ left }) => left!), judged.map(({ right }) => right!)];
  const { low, high } = differenceOf(hypothesis, lefts, rights);
  const rounds = { of: judged.length, held, low, high };
  const isShown = holds[operator](operator.startsWith('>') ? low : high, 0);
  return { text, ok: operator === '==' ? held === judged.length : isShown, left, right, rounds };
}

function differenceOf(
  { left, right }: Hypothesis,
  lefts: readonly number[],
  rights: readonly number[],
): Estimate {
  if (isYesOrNo(left) || isYesOrNo(right)) return apart(howOften(left, lefts), howOften(right, rights));
  return bootstrapMean(lefts.map((value, round) => value - rights[round]!));
}

const isYesOrNo = (term: Measure | Quantity): boolean =>
  'metric' in term && metrics[term.metric].unit === 'verdict';

/** Estimates how often a side is true, times its factor. */
function howOften(term: Measure | Quantity, values: readonly number[]): Estimate {
  if ('amount' in term) return { value: values[0]!, low: values[0]!, high: values[0]! };
  const { factor = 1 } = term;
  const { value, low, high } = tallyOf(values, (each) => each > 0);
  return { value: factor * value, low: factor * low, high: factor * high };
}

/** Returns the mean over the rounds that measured a side; null if none did. */
function meanOf(judged: readonly HypothesisResult[], side: 'left' | 'right'): number | null {
  const values = judged.map((each) => each[side]).filter((value) => value !== null);
  return values.length > 0 ? bootstrapMean(values).value : null;
}
