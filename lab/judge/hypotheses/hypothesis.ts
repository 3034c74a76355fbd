import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import {
  type Hypothesis,
  type Measure,
  numberOf,
  type Operator,
  printTerm,
  printWindow,
  type Quantity,
} from '#lab/experiment/hypothesis/terms.ts';
import { metrics, units } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { apart, type Estimate, meanOf, pairedDifference, tallyOf } from '#lab/judge/statistics/bootstrap.ts';

const holds: Record<Operator, (left: number, right: number) => boolean> = {
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '==': (left, right) => left === right,
};

/** Judges a hypothesis: false without data, null if the run or its load ended too early. Throws HypothesisError. */
export function judge(text: string, figures: readonly Figure[]): HypothesisResult {
  const { left, operator, right } = parseHypothesis(text);
  const [a, b] = [evaluate(left, figures), evaluate(right, figures)];
  const reasons = new Set([a, b].flatMap(({ reason }) => reason ?? []));
  const reason = reasons.size > 0 && { reason: [...reasons].join('; ') };
  const sides = { text, left: a.value, right: b.value, ...reason };
  if (a.value === null || b.value === null)
    return { ...sides, ok: a.isTooEarly || b.isTooEarly ? null : false };
  // A value that is only a lower bound can show that its side is greater, but not that it is smaller.
  const couldBe = (!a.isAtLeast || operator.startsWith('>')) && (!b.isAtLeast || operator.startsWith('<'));
  // Of two shares, the one of fewer requests counts.
  const offered = [a, b].flatMap((side) => side.offered ?? []);
  return {
    ...sides,
    ok: couldBe && holds[operator](a.value, b.value),
    ...(offered.length > 0 && { offered: Math.min(...offered) }),
  };
}

interface Evaluated {
  /** Value in the unit of the metric; null if there is none, for `reason`. */
  readonly value: number | null;
  readonly offered?: number;
  readonly reason?: string;
  readonly isAtLeast?: true;
  /** True if there is no value because the run or its load ended too early. */
  readonly isTooEarly?: true;
}

function evaluate(term: Measure | Quantity, figures: readonly Figure[]): Evaluated {
  if ('amount' in term) return { value: numberOf(term) };
  const { factor = 1, metric, variant, deadlineMs, window } = term;
  const none = { value: null };
  if (!figures.some((figure) => figure.variant === variant))
    return { ...none, reason: `${variant} was not finished`, isTooEarly: true };
  const place = { variant, ...(window && { window: printWindow(window) }) };
  const offered = figureAt(figures, { ...place, metric: 'offered' })?.value;
  if (offered === undefined) return { ...none, reason: `there was no ${printWindow(window!)} in ${variant}` };
  const part = window ? `${variant} ${printWindow(window)}` : variant;
  if (offered === 0) return { ...none, reason: `no request was offered to ${part}` };
  const found = figureAt(figures, { ...place, metric, ...(deadlineMs !== undefined && { deadlineMs }) });
  const { value = null, n, reason, atLeast } = found ?? {};
  if (value !== null) return { value: factor * value, ...(n !== undefined && { offered: n }) };
  if (reason !== undefined) return { ...none, reason: `${variant} was ${reason}`, isTooEarly: true };
  if (atLeast === undefined) return { ...none, reason: `no data for ${printTerm(term)}` };
  const onlyBound = `only a lower bound of ${printTerm(term)} is known`;
  return { value: factor * atLeast, isAtLeast: true, reason: onlyBound };
}

/**
 * Judges a hypothesis by its results in several rounds. The whole 95 % interval of the mean difference between the
 * sides must satisfy it. With `==`, or if a side is known only by a lower bound, the hypothesis must hold in every
 * round. It fails if a round has no data. Frequencies have Wilson's interval, since even 0 of 5 rounds may be chance. A
 * hypothesis that was not judged in a round has no verdict, since leaving rounds out could bias the rest.
 */
export function judgeRounds(judged: readonly HypothesisResult[]): HypothesisResult {
  const [first, ...others] = judged as readonly [HypothesisResult, ...HypothesisResult[]];
  if (others.length === 0) return first;
  const { text } = first;
  const [left, right] = [meanIn(judged, 'left'), meanIn(judged, 'right')];
  const open = judged.filter(({ ok }) => ok === null);
  const missing = judged.filter(({ left, right }) => left === null || right === null);
  const [unknown] = [...open, ...missing];
  if (unknown) {
    const ok = open.length > 0 ? null : false;
    const reason = `${unknown.reason} in ${open.length || missing.length} of ${judged.length} rounds`;
    return { text, ok, left, right, reason };
  }
  const held = judged.filter(({ ok }) => ok).length;
  const censored = judged.filter(({ reason }) => reason !== undefined);
  if (censored.length > 0) {
    const reason = `${censored[0]!.reason} in ${censored.length} of ${judged.length} rounds, so it must hold in each: it did in ${held}`;
    return { text, ok: held === judged.length, left, right, reason };
  }
  const hypothesis = parseHypothesis(text);
  const { operator } = hypothesis;
  const { low, high } = differenceOf(hypothesis, judged);
  const rounds = { of: judged.length, held, low, high };
  const isShown = holds[operator](operator.startsWith('>') ? low : high, 0);
  return { text, ok: operator === '==' ? held === judged.length : isShown, left, right, rounds };
}

function differenceOf({ left, right }: Hypothesis, judged: readonly HypothesisResult[]): Estimate {
  const [lefts, rights] = [judged.map(({ left }) => left!), judged.map(({ right }) => right!)];
  const measures = [left, right].filter((term) => 'metric' in term);
  const { unit } = metrics[measures[0]!.metric];
  if (unit === 'verdict') return apart(howOften(left, lefts), howOften(right, rights));
  const factor = Math.max(...measures.map(({ factor = 1 }) => factor));
  const offered = meanOf(judged.map(({ offered = Infinity }) => offered));
  const event = factor * (units[unit].event?.(offered) ?? 0);
  const estimate = pairedDifference(new Map(lefts.entries()), new Map(rights.entries()), event)!;
  // A measured side is at least 0.
  return 'amount' in right ? { ...estimate, low: Math.max(estimate.low, -rights[0]!) } : estimate;
}

/** Estimates the probability that a side is true, multiplied by the factor of the side. */
function howOften(term: Measure | Quantity, values: readonly number[]): Estimate {
  if ('amount' in term) return { value: values[0]!, low: values[0]!, high: values[0]! };
  const { factor = 1 } = term;
  const { value, low, high } = tallyOf(values, (each) => each > 0);
  return { value: factor * value, low: factor * low, high: factor * high };
}

function meanIn(judged: readonly HypothesisResult[], side: 'left' | 'right'): number | null {
  const values = judged.map((each) => each[side]).filter((value) => value !== null);
  return values.length > 0 ? meanOf(values) : null;
}
