import { durationMs } from '#load/phases.ts';
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

export const hypothesesOver = ({ hypothesis }: Pick<Experiment, 'hypothesis'>, name: string): string[] =>
  hypothesis.filter((text) => measuresOf(text).some(({ variant }) => variant === name));

export const recoveryPhases = (experiment: Pick<ValidParts, 'hypothesis'>): string[] =>
  measuresIn(experiment).flatMap(({ metric, window }) =>
    metricOf(metric)?.only === 'after' && window?.part === 'after phase' ? window.phase : [],
  );

/** Returns the part of the load whose requests reach their deadline before the first fault; undefined if there is none. */
export function untouched({ faults = [], deadlineMs = 0 }: ValidParts) {
  const untilMs = Math.min(...faults.map((fault) => fault?.atMs ?? Infinity)) - deadlineMs;
  return Number.isFinite(untilMs) && untilMs > 0 ? { part: 'span' as const, fromMs: 0, untilMs } : undefined;
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

const usualMs = [250, 1000, 2000, 5000];
const curve = { fromMs: 10, toMs: 60_000, perDecade: 12 };

/** Returns the deadlines in ms for which goodput is computed, ascending, up to `drainMs`, since a run waits no longer. */
export function deadlinesOf(experiment: Experiment): number[] {
  const { deadlineMs, drainMs } = experiment;
  const judged = measuresIn(experiment).map((measure) => measure.deadlineMs);
  const all = [deadlineMs, ...usualMs, ...judged, ...curvePoints()];
  return [...new Set(all)]
    .filter((ms): ms is number => ms !== undefined && ms <= drainMs)
    .sort((a, b) => a - b);
}

/** Returns deadlines in whole ms, each 10^(1/12) ≈ 1.21 times the previous one. */
function curvePoints(): number[] {
  const { fromMs, toMs, perDecade } = curve;
  const steps = Math.floor(Math.log10(toMs / fromMs) * perDecade);
  return [...Array.from({ length: steps + 1 }, (_, i) => Math.round(fromMs * 10 ** (i / perDecade))), toMs];
}

/**
 * Returns the least time of a round: for each variant its load and one deadline, unless all requests complete sooner.
 * The start of the testbed and the warm-ups take additional time.
 */
export const leastMsOfRound = ({ variants, load, deadlineMs }: Experiment): number =>
  Object.keys(variants).length * (durationMs(load) + deadlineMs);
