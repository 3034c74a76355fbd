import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedMetrics } from '#lab/analysis/simulations.ts';
import { roundOf } from '#lab/analysis/statistics/estimates.ts';
import type { SimulationTask, SimulationValues } from './predict.ts';
import { simulate } from './simulate.ts';
import { answerAll } from './threads.ts';

answerAll(valuesOf);

/** Simulates a variant, and removes its evidence. Resolves with null if the simulation ended early. */
async function valuesOf({
  file,
  seed,
  overheads,
  folder,
  withoutFaults,
}: SimulationTask): Promise<SimulationValues> {
  const own = mkdtempSync(join(folder, 'seed-'));
  try {
    const seeded = { ...file, experiment: { ...file.experiment, seed } };
    const signal = new AbortController().signal; // the thread is ended instead
    const options = { folder: own, command: '', overheads, withoutFaults, signal, onProgress() {} };
    const result = await simulate(seeded, options);
    const [variant] = roundOf(result).variants;
    if (result.errors.length > 0 || !variant) return null;
    return Object.fromEntries(simulatedMetrics.map((metric) => [metric, variant.values[metric] ?? null]));
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
