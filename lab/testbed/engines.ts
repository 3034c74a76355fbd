import type { Experiment } from '#lab/experiment/schema.ts';
import { kindsOf, type Target } from '#lab/faults/kinds.ts';
import { harmedOf } from '#lab/topology/connections.ts';
import { attach } from './attach/attach.ts';
import { startCompose } from './compose/compose.ts';
import { startLocal } from './local/local.ts';
import type { EngineName, EngineOptions } from './options.ts';
import type { ProcessName, Testbed } from './testbed.ts';

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

/** Every engine; a new one is a file and a line here. Throws InputError where the options don't suffice. */
export const engines: { [K in EngineName]: (options: EngineOptions) => Engine } = {
  local: () => ({
    name: 'local',
    faults: (target) => Object.keys(kindsOf(target)).filter((kind) => kind !== 'disconnect'),
    foreign: [],
    start: (logFolder, signal, { faults, seed, replicas }) =>
      startLocal({ logFolder, signal, arrows: harmedOf(faults), seed, replicas }),
  }),
  compose: () => ({
    name: 'compose',
    faults: (target) => Object.keys(kindsOf(target)),
    foreign: [],
    single: 'whose containers have addresses of their own',
    start: (logFolder, signal, { faults, seed }) =>
      startCompose({ logFolder, signal, arrows: harmedOf(faults), seed }),
  }),
  attach,
};
