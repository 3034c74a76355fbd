import { mkdirSync } from 'node:fs';
import { analyseVariant } from '#lab/analysis/analyse.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { observe } from './observe.ts';
import { foreignOn, type OpenTestbed } from './open-testbed.ts';

/** Returns an experiment that offers a load to one variant, based on another experiment. */
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

/** Conducts the only variant of a probe, writes the evidence into the folder, and resolves with its analysis. */
export async function runProbe(open: OpenTestbed, experiment: Experiment, folder: string) {
  mkdirSync(folder, { recursive: true });
  const [name = ''] = Object.keys(experiment.variants);
  const { slowMotion, machine } = open;
  await observe({ ...open, experiment, onProgress() {} }, name, folder);
  return analyseVariant(experiment, { folder, name, foreign: foreignOn(open), slowMotion }, machine);
}
