import { printWindow, type Window } from '#lab/experiment/hypothesis/window.ts';
import { measuresIn, phasesGotOver } from '#lab/experiment/measures.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { untouched } from '#lab/experiment/steady-state.ts';
import type { FaultResult, Span } from '#lab/result/incidents.ts';
import { durationMs, phaseNames, phaseSpans } from '#load/phases.ts';

/** A part of the load; without a span where a fault that bounds it never took. */
export interface NamedSpan {
  readonly name: string;
  readonly span: Span | null;
  /** When the fault was in force, or the phase lasted, after which it is. */
  readonly took?: Span;
  /** Where it is the requests of one class alone. */
  readonly class?: string;
}

const parts = ['before', 'during', 'after'] as const;

/** The windows whose figures are worth computing: what faults and phases divide the load into, and what hypotheses and predictions name. */
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
  const named = windows.map((window) => {
    const name = printWindow(window);
    const isAfter = window.part === 'after' || window.part === 'after phase';
    const took = isAfter && window.class === undefined ? tookOf(window) : null;
    return [
      name,
      {
        name,
        span: spanOf(window),
        ...(took && { took }),
        ...(window.class !== undefined && { class: window.class }),
      },
    ] as const;
  });
  return [...new Map(named).values()];
}

/** When the first fault on the variant's path began, or the first phase that is got over; without an end where there is none. */
export function begunIn(experiment: Experiment, faults: readonly FaultResult[]): number {
  const gotOver = phasesGotOver(experiment);
  const phases = phaseSpans(experiment.load).map(({ name, span }) => (gotOver.includes(name) ? span : null));
  const began = [...faults.map(({ onPath, took }) => (onPath ? took : null)), ...phases];
  return Math.min(...began.map((span) => span?.fromMs ?? Number.POSITIVE_INFINITY));
}

/** When the fault was in force that a window names, or its phase lasted. */
type TookOf = (window: Extract<Window, { fault: string } | { phase: string }>) => Span | null;

const tookIn =
  (load: Experiment['load'], faults: readonly FaultResult[]): TookOf =>
  (window) =>
    'fault' in window
      ? (faults.find(({ name }) => name === window.fault)?.took ?? null)
      : (phaseSpans(load).find(({ name }) => name === window.phase)?.span ?? null);

/** The windows that hypotheses and predictions name, and that of the steady state. */
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
