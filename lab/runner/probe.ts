import { mkdirSync } from 'node:fs';
import { analyseVariant } from '#lab/analysis/analyse.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { observe } from './observe.ts';
import { foreignOn, type OpenTestbed } from './open-testbed.ts';

/** Returns an experiment like the given one, with another load and a single variant. */
export const probeExperiment = (
  experiment: Experiment,
  change: Partial<Experiment> & Pick<Experiment, 'load' | 'variants'>,
): Experiment => ({
  ...experiment,
  repeat: 1,
  faults: [],
  redrives: [],
  steadyState: [],
  hypothesis: [],
  ...change,
});

/** Conducts the only variant of an experiment, writes the evidence into the folder, and resolves with the analysis. */
export type Probe = (experiment: Experiment, folder: string) => ReturnType<typeof analyseVariant>;

/** Returns a function that conducts probes on a testbed. */
export const probeOn =
  (open: OpenTestbed): Probe =>
  async (experiment, folder) => {
    mkdirSync(folder, { recursive: true });
    const [name = ''] = Object.keys(experiment.variants);
    const { slowMotion, machine } = open;
    await observe({ ...open, experiment, onProgress() {} }, name, folder);
    return analyseVariant(experiment, { folder, name, foreign: foreignOn(open), slowMotion }, machine);
  };
