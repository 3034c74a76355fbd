import { figureStore } from '#lab/evidence/figure-store.ts';
import type { Files } from '#lab/evidence/files.ts';
import { textStore } from '#lab/evidence/text-store.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { VariantAnalysis } from '#lab/judge/analyse-variant.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { conductAlone } from './alone.ts';

/** Machine of a simulation, which has no part in it. */
export const machine = {
  node: '',
  nats: '',
  cpus: 1,
  cpuModel: '',
  memoryBytes: 0,
  platform: '',
  loadAverage: 0,
};

/**
 * Simulates the only variant of a checked experiment, and resolves with its analysis. Runs without Node, as in the
 * worker of a web page. With `files`, these get the evidence as text.
 */
export const simulateInMemory = (experiment: Experiment, files?: Files): Promise<VariantAnalysis> =>
  conductAlone(experiment, files ? textStore(files) : figureStore(), {
    ...{ world: simulated(), machine },
    signal: new AbortController().signal,
  });
