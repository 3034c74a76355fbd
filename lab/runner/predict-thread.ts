import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { simulatedMetrics } from '#lab/analysis/simulations.ts';
import { metrics } from '#lab/experiment/hypothesis/metrics.ts';
import type { SimulationTask, SimulationValues } from './predict.ts';
import { machineNow } from './run-log.ts';
import { simulateOne } from './simulate.ts';
import { answerAll } from './threads.ts';

const machine = machineNow();
const { signal } = new AbortController(); // a thread ends by being terminated

answerAll(valuesOf);

/** Simulates a variant. Resolves with null if its figures don't count. */
async function valuesOf({ file, seed, folder, ...options }: SimulationTask): Promise<SimulationValues> {
  // Each simulation of this thread replaces the evidence of the one before.
  const own = join(folder, String(threadId));
  const simulating = simulateOne({ ...file.experiment, seed }, own, {
    ...options,
    signal,
    machine,
    samples: false,
  });
  const analysis = await simulating.catch(() => undefined);
  if (!analysis?.validity.every(({ ok }) => ok)) return null;
  return Object.fromEntries(
    simulatedMetrics.map((name) => [name, metrics[name].of(analysis.result) ?? null]),
  );
}
