import { within } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { seedsOf, type ValidParts, validEntries } from '#lab/experiment/schema.ts';
import {
  checkLoad,
  durationMs,
  type Phase,
  phaseNames,
  phaseSpans,
  planned,
  schedule,
} from '#load/phases.ts';

/** Reports contradictions in the load, missing recordings, and a load without any request. */
export function* load({ load, seed = 1, repeat = 1 }: ValidParts): Generator<LocatedProblem> {
  if (!load) return;
  const missing = validEntries('/load', load.map(recordingOf)).filter(({ value }) => !isFile(value));
  const isMissing = (phase: Phase | undefined) => missing.some(({ value }) => value === recordingOf(phase));
  const rest = load.map((phase) => (isMissing(phase) ? undefined : phase));
  const problems = [
    ...missing.map(({ pointer, value }) => ({
      pointer: `${pointer}/arrivals/file`,
      message: `no such file: ${value}`,
    })),
    ...within('/load', checkLoad(rest, seed)),
  ];
  yield* problems;
  if (problems.length > 0 || !isWhole(load)) return;
  const none = seedsOf({ seed, repeat }).find((each) => schedule(load, each).next().done);
  const by = none === seed ? '' : ` with seed ${none}`;
  if (none !== undefined) yield { pointer: '/load', message: `expected at least one request, got none${by}` };
}

/** Reports repeated names of phases, since a window could refer only to the first phase of a name. */
export function* phases({ load = [] }: ValidParts): Generator<LocatedProblem> {
  const names = phaseNames(load);
  for (const [index, name] of names.entries())
    if (load[index] && names.indexOf(name) < index)
      yield {
        pointer: `/load/${index}/name`,
        elsewhere: `/load/${index}`,
        message: `expected a unique name, got "${name}" again`,
      };
}

const isWhole = (load: readonly (Phase | undefined)[]): load is Phase[] => !load.includes(undefined);

/** Returns a load in which `change` has replaced the file name of each recording. */
export const mapRecordings = <P extends Phase | undefined>(
  load: readonly P[],
  change: (file: string, phase: number) => string,
): P[] =>
  load.map((phase, index) => {
    const file = recordingOf(phase);
    return phase && file !== undefined
      ? { ...phase, arrivals: { ...phase.arrivals, file: change(file, index) } }
      : phase;
  });

const recordingOf = (phase: Phase | undefined): string | undefined =>
  phase?.arrivals.kind === 'replay' ? phase.arrivals.file : undefined;

function isFile(file: string): boolean {
  try {
    return process.getBuiltinModule('node:fs').statSync(file).isFile();
  } catch {
    return false; // whatever it is, it can't be read; a browser has no files
  }
}

/** Returns the duration of load and drain; Infinity if it is unknown. */
export const longestMs = (phases: ValidParts['load'], drainMs: number | undefined, seed = 1): number =>
  drainMs !== undefined && isKnown(phases, seed) ? durationMs(phases) + drainMs : Infinity;

/** Returns the number of requests; Infinity if it is unknown. */
export const mostRequests = ({ load: phases, seed = 1 }: ValidParts): number =>
  isKnown(phases, seed) ? planned(phases, seed) : Infinity;

/**
 * Returns the phases that begin within the first `deadlineMs`, before any request has reached its deadline. Empty
 * if the phases are unknown.
 */
export const earlyPhases = ({ load: phases, deadlineMs = 0, seed }: ValidParts): string[] =>
  isKnown(phases, seed)
    ? phaseSpans(phases).flatMap(({ name, span }) => (span.fromMs <= deadlineMs ? name : []))
    : [];

const isKnown = (phases: ValidParts['load'], seed = 1): phases is Phase[] =>
  phases !== undefined && isWhole(phases) && load({ load: phases, seed }).next().done === true;
