import { firstBroker } from '#lab/experiment/configs.ts';
import { kindsOf } from '#lab/experiment/faults/kinds.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { affectedHops } from '#lab/kit/topology/hops.ts';
import { attach } from './attach/attach.ts';
import { startCompose } from './compose/compose.ts';
import { startLocal } from './local/local.ts';
import { onSockets } from './sockets.ts';
import type { Engine, EngineName, EngineOptions } from './testbed.ts';
import type { World } from './world.ts';

/**
 * Functions that create the engines. They throw InputError if options are missing. A new engine needs an entry here.
 */
export const engines: { [K in EngineName]: (options: EngineOptions) => Engine } = {
  local: () => ({
    name: 'local',
    faults: (target) => Object.keys(kindsOf(target)),
    foreign: [],
    runsClients: true,
    start: (logFolder, signal, experiment) =>
      startLocal({ logFolder, signal, ...layoutOf(experiment), replicas: experiment.replicas }),
  }),
  compose: () => ({
    name: 'compose',
    faults: (target) => Object.keys(kindsOf(target)),
    foreign: [],
    single: 'whose containers have separate addresses',
    start: (logFolder, signal, experiment) => startCompose({ logFolder, signal, ...layoutOf(experiment) }),
  }),
  attach,
};

/** Returns the world of an engine. Throws InputError if options are missing. */
export const worldOf = (name: EngineName, options: EngineOptions): World => onSockets(engines[name](options));

/** Returns the broker of an experiment, and where the testbed needs proxies. */
function layoutOf(experiment: Experiment) {
  const { faults, seed } = experiment;
  return { broker: firstBroker(experiment), hops: affectedHops(faults), seed };
}
