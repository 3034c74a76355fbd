import { kindsOf } from '#lab/faults/kinds.ts';
import { affectedHops } from '#lab/topology/hops.ts';
import { attach } from './attach/attach.ts';
import { startCompose } from './compose/compose.ts';
import { startLocal } from './local/local.ts';
import type { Engine, EngineName, EngineOptions } from './testbed.ts';

/** Every engine; a new one is a file and a line here. Throws InputError where the options don't suffice. */
export const engines: { [K in EngineName]: (options: EngineOptions) => Engine } = {
  local: () => ({
    name: 'local',
    faults: (target) => Object.keys(kindsOf(target)).filter((kind) => kind !== 'disconnect'),
    foreign: [],
    start: (logFolder, signal, { faults, seed, replicas }) =>
      startLocal({ logFolder, signal, hops: affectedHops(faults), seed, replicas }),
  }),
  compose: () => ({
    name: 'compose',
    faults: (target) => Object.keys(kindsOf(target)),
    foreign: [],
    single: 'whose containers have separate addresses',
    start: (logFolder, signal, { faults, seed }) =>
      startCompose({ logFolder, signal, hops: affectedHops(faults), seed }),
  }),
  attach,
};
