import { join } from 'node:path';
import { isPackage, root } from '#kit/process/installation.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';

/** Program of the testbed, which needs a short start. */
export type Program = ServiceName | 'netproxy' | 'generator';

export const testbedPrograms: Readonly<Record<Program, string>> = {
  downstream: 'services/downstream/main.ts',
  gateway: 'services/gateway/main.ts',
  publisher: 'services/publisher/main.ts',
  consumer: 'services/consumer/main.ts',
  netproxy: 'services/netproxy/main.ts',
  generator: 'load/main.ts',
};

/** Programs that the lab runs from source in a checkout. */
export const labPrograms = {
  lab: 'lab/main.ts',
  guardian: 'lab/world/process/guardian.ts',
  'predict-thread': 'lab/explore/prediction/predict-thread.ts',
  'client-thread': 'lab/conduct/client-thread.ts',
  'explorer-thread': 'lab/explore/thread.ts',
  'conform-thread': 'lab/conform/thread.ts',
};

/** Folder of the bundles in the package. */
export const bundles: string = join(root, 'dist');

/** Returns the path of a program of the lab: its bundle in the package, its source in a checkout. */
export const labProgram = (name: keyof typeof labPrograms): string =>
  isPackage ? join(bundles, `${name}.js`) : join(root, labPrograms[name]);
