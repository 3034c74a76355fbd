import { hypothesisProblems, parseHypothesis } from './hypothesis/grammar.ts';
import { type Measure, printHypothesis, type Window } from './hypothesis/terms.ts';
import { metricOf } from './metrics/catalogue.ts';
import type { Experiment, ValidParts } from './schema.ts';

/** Returns the metrics in hypotheses. Leaves out texts that are not valid. */
export const measuresIn = ({ hypothesis = [] }: Pick<ValidParts, 'hypothesis'>): Measure[] =>
  hypothesis
    .filter((text) => text !== undefined && hypothesisProblems(text).length === 0)
    .flatMap((text) => measuresOf(text!));

/** Returns the metrics in a hypothesis. Throws HypothesisError. */
export const measuresOf = (text: string): Measure[] => {
  const { left, right } = parseHypothesis(text);
  return [left, right].filter((term) => 'metric' in term);
};

/** Returns the hypotheses about a variant. */
export const hypothesesOver = ({ hypothesis }: Pick<Experiment, 'hypothesis'>, name: string): string[] =>
  hypothesis.filter((text) => measuresOf(text).some(({ variant }) => variant === name));

export const recoveryPhases = (experiment: Pick<ValidParts, 'hypothesis'>): string[] =>
  measuresIn(experiment).flatMap(({ metric, window }) =>
    metricOf(metric)?.only === 'after' && window?.part === 'after phase' ? window.phase : [],
  );

/**
 * Returns the part of the load that ends `deadlineMs` before the first fault, so that its requests reach their deadline
 * before any fault. Undefined without faults, or if the first fault comes too early.
 */
export function untouched({
  faults = [],
  deadlineMs = 0,
}: Pick<ValidParts, 'faults' | 'deadlineMs'>): Extract<Window, { part: 'span' }> | undefined {
  const untilMs = Math.min(...faults.map((fault) => fault?.atMs ?? Infinity)) - deadlineMs;
  return Number.isFinite(untilMs) && untilMs > 0 ? { part: 'span', fromMs: 0, untilMs } : undefined;
}

/** Returns the conditions of the steady state as hypotheses about a variant in a window. */
export function steadyStateOf(
  experiment: Pick<Experiment, 'steadyState'>,
  variant: string,
  window: Window | undefined,
): string[] {
  if (!window) return [];
  const given = { variants: [variant], faults: [], phases: [], subject: { variant, window } };
  return experiment.steadyState.map((text) => printHypothesis(parseHypothesis(text, given)));
}

/** Returns the deadlines in ms that hypotheses name beside a goodput, ascending. */
export const deadlinesIn = (experiment: Pick<ValidParts, 'hypothesis'>): number[] =>
  [...new Set(measuresIn(experiment).flatMap(({ deadlineMs }) => deadlineMs ?? []))].sort((a, b) => a - b);
