import { printWindow, type Window } from '#lab/experiment/hypothesis/terms.ts';
import { measuresIn, recoveryPhases, untouched } from '#lab/experiment/measures.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { FaultResult, Span } from '#lab/result/result.ts';
import { durationMs, phaseNames, phaseSpans } from '#load/phases.ts';

/** Part of the load; without a span if a fault that bounds it never took. */
export interface NamedSpan {
  readonly name: string;
  readonly span: Span | null;
  /** Time of the fault or phase that it follows. */
  readonly took?: Span;
  /** Class of the requests, if it is limited to one. */
  readonly class?: string;
}

const parts = ['before', 'during', 'after'] as const;

/** Returns the windows to compute: around faults, of phases and classes, and those that hypotheses and predictions name. */
export function windowsOf(experiment: Experiment, faults: readonly FaultResult[]): NamedSpan[] {
  const { load } = experiment;
  const windows: Window[] = [
    ...faults.flatMap(({ name }) => parts.map((part) => ({ part, fault: name }))),
    ...(load.length > 1 ? phaseNames(load).map((phase) => ({ part: 'phase' as const, phase })) : []),
    ...Object.keys(experiment.classes).map((name) => ({ part: 'class' as const, class: name })),
    ...judged(experiment),
  ];
  const tookOf = tookIn(load, faults);
  const spanOf = spansIn(load, tookOf);
  const named = windows.map((window): [string, NamedSpan] => {
    const name = printWindow(window);
    const isAfter = window.part === 'after' || window.part === 'after phase';
    const took = isAfter && window.class === undefined ? tookOf(window) : null;
    const ofClass = window.class !== undefined && { class: window.class };
    return [name, { name, span: spanOf(window), ...(took && { took }), ...ofClass }];
  });
  return [...new Map(named).values()];
}

/** Returns the begin of the first fault on the variant's path, or phase from which a recovery is expected; Infinity without one. */
export function begunIn(experiment: Experiment, faults: readonly FaultResult[]): number {
  const recoveryPhaseNames = recoveryPhases(experiment);
  const phases = phaseSpans(experiment.load).map(({ name, span }) =>
    recoveryPhaseNames.includes(name) ? span : null,
  );
  const began = [...faults.map(({ onPath, took }) => (onPath ? took : null)), ...phases];
  return Math.min(...began.map((span) => span?.fromMs ?? Infinity));
}

/** Time of the fault or phase that a window names. */
type TookOf = (window: Extract<Window, { fault: string } | { phase: string }>) => Span | null;

const tookIn =
  (load: Experiment['load'], faults: readonly FaultResult[]): TookOf =>
  (window) =>
    'fault' in window
      ? (faults.find(({ name }) => name === window.fault)?.took ?? null)
      : (phaseSpans(load).find(({ name }) => name === window.phase)?.span ?? null);

/** Returns the windows that hypotheses and predictions name, and that of the steady state. */
function judged(experiment: Experiment): Window[] {
  const steady = experiment.steadyState.length > 0 ? untouched(experiment) : undefined;
  const named = measuresIn(experiment).flatMap(({ window }) => window ?? []);
  return steady ? [steady, ...named] : named;
}

function spansIn(load: Experiment['load'], tookOf: TookOf) {
  const loadMs = durationMs(load);
  return (window: Window): Span | null => {
    if (window.part === 'span') return { fromMs: window.fromMs, untilMs: window.untilMs };
    if (window.part === 'class') return { fromMs: 0, untilMs: loadMs };
    const took = tookOf(window);
    if (!took) return null;
    const before = { fromMs: 0, untilMs: took.fromMs };
    const after = { fromMs: took.untilMs, untilMs: loadMs };
    return { before, during: took, phase: took, after, 'after phase': after }[window.part];
  };
}
