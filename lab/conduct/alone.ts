import type { Store } from '#lab/evidence/store.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { analyseVariant, type VariantAnalysis } from '#lab/judge/analyse-variant.ts';
import type { World } from '#lab/world/world.ts';
import { observe } from './observe.ts';
import type { EndProgress, OnStage, Run } from './variant-testbed.ts';

/** Machine of a simulation, which has no part in it. */
export const machine = { cpus: 1, loadAverage: 0 };

interface AloneOptions extends Pick<Run, 'samples' | 'signal' | 'apart'> {
  readonly world: World;
  readonly slowMotion?: number | undefined;
  readonly withoutFaults?: boolean | undefined;
}

/** Simulates the only variant of an experiment. Runs without Node, as in the worker of a web page. */
export async function conductAlone(
  experiment: Experiment,
  store: Store,
  { world, slowMotion = 1, withoutFaults = false, ...options }: AloneOptions,
): Promise<VariantAnalysis> {
  const { signal } = options;
  const stopwatch = world.stopwatch();
  const testbeds = await world.open({ file: { experiment }, folder: '', stopwatch, signal });
  try {
    const run = { ...options, experiment, testbeds, slowMotion, machine, withoutFaults };
    return await probe({ ...run, warmed: new Set(), uncleared: [] }, store);
  } finally {
    await testbeds.close();
  }
}

export async function probe(run: Run, store: Store): Promise<VariantAnalysis> {
  store.prepare();
  const [name = ''] = Object.keys(run.experiment.variants);
  await conductVariant(run, name, store, () => undefined);
  return analysed(run, name, store);
}

export function conductVariant(
  run: Run,
  name: string,
  store: Store,
  onProgress: OnStage,
): Promise<EndProgress> {
  const { testbeds, apart, ...rest } = run;
  if (apart && run.experiment.variants[name]!.client !== undefined)
    return apart(run, name, store, onProgress);
  return testbeds.with({ variant: name, slowMotion: run.slowMotion, store }, (testbed) =>
    observe({ ...testbed, ...rest, onProgress }, name, store),
  );
}

export const analysed = (run: Run, name: string, store: Store): Promise<VariantAnalysis> => {
  const { experiment, testbeds, machine, slowMotion } = run;
  return analyseVariant(experiment, { store, name, foreign: testbeds.foreign, slowMotion }, machine);
};
