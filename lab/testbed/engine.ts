import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Breakable } from '#lab/faults/injectable.ts';
import type { Target } from '#lab/faults/kinds.ts';
import type { ProcessName } from '#lab/topology/names.ts';
import type { EngineName } from './options.ts';
import type { Testbed } from './testbed.ts';

/** Who runs the testbed of an experiment. */
export interface Engine {
  readonly name: EngineName;
  /** The kinds of faults that it can bring about at a target. */
  readonly faults: (target: Target) => readonly string[];
  /** What is not Spillway's, or runs already, so that nothing can be set there. */
  readonly foreign: readonly ProcessName[];
  /** Why every service has one process; nothing where it can have several. */
  readonly single?: string;
  /** A testbed for an experiment. Rejects with nothing left running; the signal may end it early. */
  readonly start: (logFolder: string, signal: AbortSignal, experiment: Experiment) => Promise<Testbed>;
}

/** Methods of an engine that can't affect processes; an experiment that asks for it is refused before it starts. */
export function unbreakable(reason: string): Breakable {
  const refuse = async () => {
    throw new TestbedError('not-possible', reason);
  };
  return {
    end: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
    disconnect: refuse,
    reconnect: refuse,
  };
}
