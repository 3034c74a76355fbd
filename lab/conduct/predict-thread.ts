import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { VariantResult } from '#lab/result/result.ts';
import type { SimulationTask } from './predict.ts';
import { machineNow } from './run-log.ts';
import { simulateOne } from './simulate.ts';
import { answerAll } from './threads.ts';

const machine = machineNow();
const { signal } = new AbortController(); // a thread ends by being terminated

answerAll(resultOf);

/** Simulates a variant. Resolves with null if its figures don't count. Those with stalls always count. */
async function resultOf({ experiment, folder, ...options }: SimulationTask): Promise<VariantResult | null> {
  // Each simulation of this thread replaces the evidence of the one before.
  const own = join(folder, String(threadId));
  const samples = options.stalls !== undefined;
  const simulating = simulateOne(experiment, own, { ...options, signal, machine, samples });
  const analysis = await simulating.catch(() => undefined);
  const counts = options.stalls?.length || analysis?.validity.every(({ ok }) => ok);
  return (counts && analysis?.result) || null;
}
