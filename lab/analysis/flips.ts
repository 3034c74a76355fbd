import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '#kit/wire.ts';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import type { Measure, Quantity } from '#lab/experiment/hypothesis/terms.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { isDecisive, stallCheck } from '#lab/result/facts.ts';
import type { ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { maxAttempts } from '#policies/pipeline.ts';
import { describeStalls } from './figures/stall-text.ts';
import { affected } from './figures/stalls.ts';
import { evaluate, judge } from './hypotheses/hypothesis.ts';
import { measure } from './measure.ts';
import type { Observation } from './observation/observation.ts';
import { adviceOnSlowness, type Machine } from './validity/slow-machine.ts';

/**
 * Checks for each variant if a verdict could have been different had the requests affected by stalls ended otherwise.
 * `others` has the alternative results of each variant.
 */
export function stallChecks(
  experiment: Experiment,
  variants: readonly VariantResult[],
  others: Alternatives,
  machine: Machine,
): ValidityCheck[] {
  return variants.map(({ name, stalls }) => {
    const open = openHypotheses(experiment, name, variants, others);
    return {
      name: stallCheck,
      variant: name,
      ok: open.length === 0,
      measured: open.length,
      limit: 0,
      unit: 'verdicts',
      finding: describeStalls(stalls.filter(isDecisive), machine.slowMotion?.factor).join('; '),
      meaning: `That could change the verdict on ${open.join('; ')}.`,
      remedy: `${adviceOnSlowness(machine)} A longer run, or a wider margin in the hypothesis, makes a stall matter less.`,
    };
  });
}

/** Results that each variant might have had instead of the measured one. */
export type Alternatives = ReadonlyMap<string, readonly VariantResult[]>;

/** Returns the hypotheses about a variant whose verdict an alternative result of this variant changes. */
const openHypotheses = (
  experiment: Experiment,
  name: string,
  variants: readonly VariantResult[],
  others: Alternatives,
): string[] => hypothesesOver(experiment, name).filter((text) => isOpen(text, name, variants, others));

/** Result that replaces the measured one; undefined to keep the measured one. */
type Alternative = VariantResult | undefined;
type Pair = readonly [left: Alternative, right: Alternative];

/**
 * True if an alternative result of the variant changes the verdict on a hypothesis, alone or with an alternative of the
 * other side's variant. If the sides are different parts of one variant, each side may use another alternative.
 */
function isOpen(
  text: string,
  name: string,
  variants: readonly VariantResult[],
  others: Alternatives,
): boolean {
  const { left, operator, right } = parseHypothesis(text);
  const instead = (other: Alternative) => variants.map((each) => (each.name === other?.name ? other : each));
  const choicesOf = (side: Measure | Quantity): Alternative[] => [
    undefined,
    ...('metric' in side ? (others.get(side.variant) ?? []) : []),
  ];
  const [ofLeft, ofRight] = [choicesOf(left), choicesOf(right)];
  // Both sides are about the same requests, so they use the same alternative.
  const pairs = isOnePart(left, right)
    ? ofLeft.map((each): Pair => [each, each])
    : ofLeft.flatMap((a) => ofRight.map((b): Pair => [a, b]));
  const judged = ([a, b]: Pair) => judge(text, instead(a), instead(b)).ok;
  const verdict = judged([undefined, undefined]);
  const flips = (pair: Pair) => judged(pair) !== verdict;
  // A flip by an alternative of the other variant alone belongs to the check of that other variant.
  const isOthers = (side: Alternative) => side && side.name !== name && flips([side, side]);
  if (pairs.some((pair) => pair.some((side) => side?.name === name) && !pair.some(isOthers) && flips(pair)))
    return true;
  if (operator !== '==' || verdict !== false) return false;
  const reach = (side: Measure | Quantity, choices: readonly Alternative[]) =>
    choices.flatMap((each) => evaluate(side, instead(each)).value ?? []);
  const [a, b] = [reach(left, ofLeft), reach(right, ofRight)];
  return Math.min(...a) <= Math.max(...b) && Math.min(...b) <= Math.max(...a);
}

/** True if both sides are about the same part of the same variant. */
const isOnePart = (left: Measure | Quantity, right: Measure | Quantity): boolean =>
  'metric' in left &&
  'metric' in right &&
  left.variant === right.variant &&
  isDeepStrictEqual(left.window, right.window);

/** Returns the hypotheses about a variant. */
export const hypothesesOver = ({ hypothesis }: Experiment, name: string): string[] =>
  hypothesis.filter((text) => measuresOf(text).some((term) => term.variant === name));

const measuresOf = (text: string): Measure[] => {
  const { left, right } = parseHypothesis(text);
  return [left, right].filter((term) => 'metric' in term);
};

/** Outcomes that the system decides. Other outcomes, such as `unknown`, depend on what the testbed observed. */
const decided = ['ok', 'late', 'failed', 'timeout', 'rejected', 'dropped', 'dead'] satisfies Outcome[];

/**
 * Returns the results that a variant would have if all requests affected by decisive stalls had the same outcome. There
 * is one result for each of these outcomes:
 * - completed at once, with one attempt;
 * - late, the worst outcome of the path, or an outcome that a hypothesis names; each with as many attempts as the
 *   policies allow;
 * - refused, without an attempt.
 * Empty without decisive stalls, or without a hypothesis about the variant.
 */
export function alternatives(
  experiment: Experiment,
  variant: VariantResult,
  observed: Observation,
): VariantResult[] {
  const hypotheses = hypothesesOver(experiment, variant.name);
  const stalls = variant.stalls.filter(isDecisive);
  if (stalls.length === 0 || hypotheses.length === 0) return [];
  const named = hypotheses.flatMap(measuresOf).map(({ metric }) => metric as string);
  const worst = variant.path === 'rpc' ? 'failed' : 'dead';
  const outcomes = new Set(['ok', 'late', worst, ...decided.filter((name) => named.includes(name))] as const);
  const { marks } = affected(observed.requests, stalls);
  const most = attemptsMax(experiment.variants[variant.name]!);
  const refused = variant.path === 'rpc' ? 'rejected' : 'dropped';
  const ends = [
    ...Array.from(outcomes, (outcome) => [outcome, outcome === 'ok' ? 1 : most] as const),
    [refused, 0] as const,
  ];
  return ends.map(([outcome, attempts]) => {
    const requests = observed.requests.copy();
    const before = { requests: 0, attempts: 0 };
    for (let index = 0; index < requests.size; index++) {
      if (marks[index] !== 1 || requests.outcome(index) === undefined) continue;
      before.requests += 1;
      before.attempts += Math.max(0, requests.attempts[index]! || 0);
      requests.decide(index, outcome);
      requests.latencyMs[index] = outcome === 'ok' ? 0 : observed.durationMs - requests.scheduledAtMs[index]!;
      requests.attempts[index] = attempts;
    }
    const measured = measure(experiment, { ...observed, requests });
    return withCounters(variant, measured, before, attempts);
  });
}

/**
 * Returns the result with counters changed by what the affected requests may have added. Counters don't show the share
 * of single requests, so the change is the largest possible one.
 */
function withCounters(
  variant: VariantResult,
  measured: VariantResult,
  before: { readonly requests: number; readonly attempts: number },
  each: number,
): VariantResult {
  const retriesBefore = Math.max(0, before.attempts - before.requests);
  const isBest = each === 0 || (each === 1 && measured.outcomes.ok >= variant.outcomes.ok);
  const moved = (value: number, off: number, most: number) =>
    Math.max(0, isBest ? value - off : value + most);
  const attempts = Math.max(0, variant.attempts - before.attempts + before.requests * each);
  const retries = before.requests * (each - 1);
  return {
    ...measured,
    lost: variant.lost,
    recovered: variant.recovered,
    attempts,
    amplification: attempts / Math.max(1, variant.offered),
    retries: moved(variant.retries, retriesBefore, retries),
    ...(variant.refusedRetries && {
      refusedRetries: Object.fromEntries(
        Object.entries(variant.refusedRetries).map(([policy, count]) => [
          policy,
          moved(count, before.requests, before.requests * each),
        ]),
      ),
    }),
    attemptTimeouts: moved(variant.attemptTimeouts, before.attempts, before.requests * each),
    effects: {
      ...variant.effects,
      duplicates: moved(variant.effects.duplicates, retriesBefore, retries),
      wasted: moved(variant.effects.wasted, before.attempts, before.requests * each),
    },
  };
}

/** Returns the maximum number of attempts for one request, by the policies and redeliveries of a variant. */
function attemptsMax(variant: Variant): number {
  const perCall = maxAttempts(variant.policies);
  return variant.path === 'rpc' ? perCall : perCall * (1 + variant.consumer.redelivery.maxRetries);
}
