import { mkdirSync } from 'node:fs';
import type { Experiment } from '#lab/experiment/schema.ts';
import { analyseVariant, type VariantAnalysis } from '#lab/judge/analyse.ts';
import type { World } from '#lab/world/world.ts';
import type { Counts } from '#load/protocol.ts';
import { observe } from './observe.ts';
import type { OnStage, Run } from './variant-testbed.ts';

interface AloneOptions extends Pick<Run, 'machine' | 'samples' | 'signal'>, Partial<Pick<Run, 'slowMotion'>> {
  readonly world: World;
  readonly withoutFaults?: boolean;
}

/** Conducts the only variant of an experiment, and resolves with its analysis. The folder gets the evidence. */
export async function conductAlone(
  experiment: Experiment,
  folder: string,
  { world, slowMotion = 1, withoutFaults = false, ...options }: AloneOptions,
): Promise<VariantAnalysis> {
  const { signal } = options;
  const stopwatch = world.stopwatch();
  const testbeds = await world.open({ file: { experiment }, folder, stopwatch, signal });
  try {
    const run = { ...options, experiment, testbeds, slowMotion, withoutFaults };
    return await probe({ ...run, warmed: new Set(), uncleared: [] }, folder);
  } finally {
    await testbeds.close();
  }
}

/** Conducts the only variant of a run, and resolves with its analysis. */
export async function probe(run: Run, folder: string): Promise<VariantAnalysis> {
  mkdirSync(folder, { recursive: true });
  const [name = ''] = Object.keys(run.experiment.variants);
  await conductVariant(run, name, folder, () => undefined);
  return analysed(run, name, folder);
}

/** Conducts a variant of a run, with its evidence in `folder`. Resolves with the generator's counts. */
export const conductVariant = (
  { testbeds, ...run }: Run,
  name: string,
  folder: string,
  onProgress: OnStage,
): Promise<Counts> =>
  testbeds.with(name, run.slowMotion, (testbed) => observe({ ...testbed, ...run, onProgress }, name, folder));

/** Analyses a variant that was conducted. */
export const analysed = (run: Run, name: string, folder: string): Promise<VariantAnalysis> => {
  const { experiment, testbeds, machine, slowMotion } = run;
  return analyseVariant(experiment, { folder, name, foreign: testbeds.foreign, slowMotion }, machine);
};
