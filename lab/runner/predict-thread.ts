import { simulatedMetrics } from '#lab/analysis/simulations.ts';
import type { SimulationTask, SimulationValues } from './predict.ts';
import { sampleOf } from './sample.ts';
import { answerAll } from './threads.ts';

answerAll(valuesOf);

/** Simulates a variant. Resolves with null if its figures don't count. */
async function valuesOf({ file, seed, ...options }: SimulationTask): Promise<SimulationValues> {
  const { round, problem } = await sampleOf(file, seed, options);
  const [variant] = round.variants;
  if (problem !== undefined || !variant) return null;
  return Object.fromEntries(simulatedMetrics.map((metric) => [metric, variant.values[metric] ?? null]));
}
