import { parseHypothesis } from '#lab/experiment/grammar.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import { bootstrapMean } from '#lab/statistics/bootstrap.ts';
import { holds } from './hypothesis.ts';

/**
 * Whether a hypothesis holds over rounds, each of which has judged it: when the whole interval of the mean difference of
 * its sides lies where it must, so that it isn't luck; in every round with ==, or where of a side only the least is known.
 * Over no data in one of them it fails.
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
  const { low, high } = bootstrapMean(judged.map(({ left, right }) => left! - right!));
  const { operator } = parseHypothesis(text);
  const rounds = { of: judged.length, held, low, high };
  const isShown = holds[operator](operator.startsWith('>') ? low : high, 0);
  return { text, ok: operator === '==' ? held === judged.length : isShown, left, right, rounds };
}

/** Null where it was measured in no round. */
function meanOf(judged: readonly HypothesisResult[], side: 'left' | 'right'): number | null {
  const values = judged.map((each) => each[side]).filter((value) => value !== null);
  return values.length > 0 ? bootstrapMean(values).value : null;
}
