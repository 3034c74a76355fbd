import { statSync } from 'node:fs';
import { within } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import type { ValidParts } from '#lab/experiment/valid-parts.ts';
import {
  checkLoad,
  durationMs,
  type Phase,
  phaseNames,
  phaseSpans,
  planned,
  schedule,
} from '#load/phases.ts';

/** What contradicts itself in the load, or is not there. */
export function load({ load, seed = 1, repeat = 1 }: ValidParts): LocatedProblem[] {
  if (!load) return [];
  const missing = load.map(missingFile);
  const rest = load.map((phase, index) => (missing[index] === undefined ? phase : undefined));
  const problems = [
    ...missing.flatMap((file, index) =>
      file === undefined
        ? []
        : [{ pointer: `/load/${index}/arrivals/file`, message: `no such file: ${file}` }],
    ),
    ...within('/load', checkLoad(rest, seed)),
  ];
  if (problems.length > 0 || !isWhole(load)) return problems;
  const none = seedsOf({ seed, repeat }).find((each) => schedule(load, each).next().done);
  const by = none === seed ? '' : ` with seed ${none}`;
  return none === undefined
    ? []
    : [{ pointer: '/load', message: `expected at least one request, got none${by}` }];
}

/** Phases of one name: a window of two would be the first of them alone. */
export function phases({ load = [] }: ValidParts): LocatedProblem[] {
  const names = phaseNames(load);
  return names.flatMap((name, index) =>
    load[index] && names.indexOf(name) < index
      ? [
          {
            pointer: `/load/${index}/name`,
            elsewhere: `/load/${index}`,
            message: `expected a name of its own, got "${name}" again`,
          },
        ]
      : [],
  );
}

const isWhole = (load: readonly (Phase | undefined)[]): load is Phase[] => !load.includes(undefined);

/** The recording that a phase names and that is not there. */
function missingFile(phase: Phase | undefined): string | undefined {
  if (phase?.arrivals.kind !== 'replay') return undefined;
  const { file } = phase.arrivals;
  return file === undefined || isFile(file) ? undefined : file;
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false; // whatever it is, nobody can read it
  }
}

/** Load and drain; without an end where they are not known. */
export function longestMs(phases: ValidParts['load'], drainMs: number | undefined, seed = 1): number {
  return drainMs !== undefined && isKnown(phases, seed)
    ? durationMs(phases) + drainMs
    : Number.POSITIVE_INFINITY;
}

/** How many requests there are; without an end where that is not known before a run. */
export const mostRequests = ({ load: phases, seed = 1, capacity }: ValidParts): number =>
  !capacity && isKnown(phases, seed) ? planned(phases, seed) : Number.POSITIVE_INFINITY;

/** Phases that begin before a request can have been judged, where the phases are known. */
export const earlyPhases = ({ load: phases, deadlineMs = 0, seed }: ValidParts): string[] =>
  isKnown(phases, seed)
    ? phaseSpans(phases).flatMap(({ name, span }) => (span.fromMs <= deadlineMs ? name : []))
    : [];

const isKnown = (phases: ValidParts['load'], seed = 1): phases is Phase[] =>
  phases !== undefined && isWhole(phases) && load({ load: phases, seed }).length === 0;
