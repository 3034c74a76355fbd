import { within } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { seedsOf, type ValidParts } from '#lab/experiment/schema.ts';
import {
  checkLoad,
  durationMs,
  type Phase,
  phaseNames,
  phaseSpans,
  planned,
  schedule,
} from '#load/phases.ts';

export function* load({ load, seed = 1, repeat = 1 }: ValidParts): Generator<LocatedProblem> {
  if (!load) return;
  const problems = within('/load', checkLoad(load, seed));
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

/** Returns the duration of load and drain; Infinity if it is unknown. */
export const longestMs = (phases: ValidParts['load'], drainMs: number | undefined, seed = 1): number =>
  drainMs !== undefined && isKnown(phases, seed) ? durationMs(phases) + drainMs : Infinity;

/** Returns the number of requests; Infinity if it is unknown. */
export const mostRequests = ({ load: phases, seed = 1 }: ValidParts): number =>
  isKnown(phases, seed) ? planned(phases, seed) : Infinity;

/** Returns the phases that begin within the first `deadlineMs`; none if the phases are unknown. */
export const earlyPhases = ({ load: phases, deadlineMs = 0, seed }: ValidParts): string[] =>
  isKnown(phases, seed)
    ? phaseSpans(phases).flatMap(({ name, span }) => (span.fromMs <= deadlineMs ? name : []))
    : [];

const isKnown = (phases: ValidParts['load'], seed = 1): phases is Phase[] =>
  phases !== undefined && isWhole(phases) && load({ load: phases, seed }).next().done === true;
