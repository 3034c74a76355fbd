import { bootstrapMean, type Estimate } from '#lab/analysis/statistics/bootstrap.ts';
import { apart, tallyOf } from '#lab/analysis/statistics/wilson.ts';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { metrics } from '#lab/experiment/hypothesis/metrics.ts';
import type { Quantity } from '#lab/experiment/hypothesis/quantity.ts';
import type { Hypothesis, Measure } from '#lab/experiment/hypothesis/terms.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import { holds } from './hypothesis.ts';

/**
 * Whether a hypothesis holds over rounds, each of which has judged it: when the whole interval of the mean difference of
 * its sides lies where it must, so that it isn't luck; in every round with ==, or where of a side only the least is known.
 * Over no data in one of them it fails. How often something is so has Wilson's interval: none of five rounds may be luck.
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

/** A number stays what it is; a factor, which is in every value, is in the bounds, too. */
function howOften(term: Measure | Quantity, values: readonly number[]): Estimate {
  if ('amount' in term) return { value: values[0]!, low: values[0]!, high: values[0]! };
  const { factor = 1 } = term;
  const { value, low, high } = tallyOf(values, (each) => each > 0);
  return { value: factor * value, low: factor * low, high: factor * high };
}

/** Null where it was measured in no round. */
function meanOf(judged: readonly HypothesisResult[], side: 'left' | 'right'): number | null {
  const values = judged.map((each) => each[side]).filter((value) => value !== null);
  return values.length > 0 ? bootstrapMean(values).value : null;
}
