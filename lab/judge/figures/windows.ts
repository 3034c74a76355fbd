import { printWindow, type Window } from '#lab/experiment/hypothesis/terms.ts';
import { measuresIn, recoveryPhases, untouched } from '#lab/experiment/measures.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/experiment/span.ts';
import type { FaultResult } from '#lab/judge/result/result.ts';
import { durationMs, phaseNames, phaseSpans } from '#load/phases.ts';

/** Part of the load. The span is null if the part depends on a fault that was never in force. */
export interface NamedSpan {
  readonly name: string;
  readonly span: Span | null;
  /** Time of the fault or phase that this window follows. */
  readonly took?: Span;
  /** Class of requests to which the window is limited, if any. */
  readonly class?: string;
}

const parts = ['before', 'during', 'after'] as const;

/** Returns the windows to compute: around each fault, for each phase and class, and those named in hypotheses. */
export function windowsOf(experiment: Experiment, faults: readonly FaultResult[]): NamedSpan[] {
  const { load, steadyState } = experiment;
  const steady = steadyState.length > 0 ? untouched(experiment) : undefined;
  const windows: Window[] = [
    ...faults.flatMap(({ name }) => parts.map((part) => ({ part, fault: name }))),
    ...(load.length > 1 ? phaseNames(load).map((phase) => ({ part: 'phase' as const, phase })) : []),
    ...Object.keys(experiment.classes).map((name) => ({ part: 'class' as const, class: name })),
    ...(steady ? [steady] : []),
    ...measuresIn(experiment).flatMap(({ window }) => window ?? []),
  ];
  const loadMs = durationMs(load);
  const named = windows.map((window): [string, NamedSpan] => {
    const name = printWindow(window);
    const took = tookOf(window, load, faults);
    const isAfter = window.part === 'after' || window.part === 'after phase';
    const ofClass = window.part === 'class' && { class: window.class };
    return [name, { name, span: spanOf(window, took, loadMs), ...(isAfter && took && { took }), ...ofClass }];
  });
  return [...new Map(named).values()];
}

/** Returns the start of the first fault on the path, or of an earlier phase to recover from. Infinity without any. */
export function begunIn(experiment: Experiment, faults: readonly FaultResult[]): number {
  const names = recoveryPhases(experiment);
  const began = [
    ...faults.flatMap(({ onPath, took }) => (onPath && took ? took.fromMs : [])),
    ...phaseSpans(experiment.load).flatMap(({ name, span }) => (names.includes(name) ? span.fromMs : [])),
  ];
  return Math.min(...began);
}

function tookOf(window: Window, load: Experiment['load'], faults: readonly FaultResult[]): Span | null {
  if ('fault' in window) return faults.find(({ name }) => name === window.fault)?.took ?? null;
  if ('phase' in window) return phaseSpans(load).find(({ name }) => name === window.phase)?.span ?? null;
  return null;
}

function spanOf(window: Window, took: Span | null, loadMs: number): Span | null {
  if (window.part === 'span') return { fromMs: window.fromMs, untilMs: window.untilMs };
  if (window.part === 'class') return { fromMs: 0, untilMs: loadMs };
  if (!took) return null;
  const before = { fromMs: 0, untilMs: took.fromMs };
  const after = { fromMs: took.untilMs, untilMs: loadMs };
  return { before, during: took, phase: took, after, 'after phase': after }[window.part];
}
