import { parseHypothesis } from './hypothesis/grammar.ts';
import { printHypothesis, type Window } from './hypothesis/terms.ts';
import type { Experiment, ValidParts } from './schema.ts';

/**
 * Returns the part of the load that is scheduled so early that no fault affects it within the deadline; undefined without
 * one.
 */
export function untouched({
  faults = [],
  deadlineMs = 0,
}: Pick<ValidParts, 'faults' | 'deadlineMs'>): Extract<Window, { part: 'span' }> | undefined {
  const untilMs = Math.min(...faults.map((fault) => fault?.atMs ?? Infinity)) - deadlineMs;
  return Number.isFinite(untilMs) && untilMs > 0 ? { part: 'span', fromMs: 0, untilMs } : undefined;
}

/** Returns the steady state of a variant as hypotheses about a window. */
export function steadyStateOf(
  experiment: Pick<Experiment, 'steadyState'>,
  variant: string,
  window: Window | undefined,
): string[] {
  if (!window) return [];
  const given = { variants: [variant], faults: [], phases: [], subject: { variant, window } };
  return experiment.steadyState.map((text) => printHypothesis(parseHypothesis(text, given)));
}
