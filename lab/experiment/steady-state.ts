import { parseHypothesis } from './hypothesis/grammar.ts';
import { printHypothesis } from './hypothesis/terms.ts';
import type { Window } from './hypothesis/window.ts';
import type { Experiment } from './schema.ts';
import type { ValidParts } from './valid-parts.ts';

/**
 * The part of the load whose requests are due so early that no fault can keep them from being done within the deadline;
 * undefined where there is none.
 */
export function untouched({
  faults = [],
  deadlineMs = 0,
}: Pick<ValidParts, 'faults' | 'deadlineMs'>): Extract<Window, { part: 'span' }> | undefined {
  const untilMs = Math.min(...faults.map((fault) => fault?.atMs ?? Infinity)) - deadlineMs;
  return Number.isFinite(untilMs) && untilMs > 0 ? { part: 'span', fromMs: 0, untilMs } : undefined;
}

/** What must hold of a variant before anything is broken, as hypotheses about a window. */
export function steadyStateOf(
  experiment: Pick<Experiment, 'steadyState'>,
  variant: string,
  window: Window | undefined,
): string[] {
  if (!window) return [];
  const given = { variants: [variant], faults: [], phases: [], subject: { variant, window } };
  return experiment.steadyState.map((text) => printHypothesis(parseHypothesis(text, given)));
}
