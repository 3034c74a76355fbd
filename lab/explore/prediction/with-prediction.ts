import type { Conducted } from '#lab/conduct/conduct.ts';
import type { Plan } from '#lab/conduct/plan.ts';
import { roundFolder } from '#lab/evidence/folder.ts';
import { newestFolder, readRun } from '#lab/evidence/read-run.ts';
import type { SimulationEvidence } from '#lab/evidence/simulations.ts';
import { writeSimulations } from '#lab/evidence/simulations.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { isWhole, stallCheck } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { besideSimulations, withSimulations } from '#lab/judge/simulations.ts';
import { acquit } from './acquit.ts';
import { notSimulated, overheadsOf, predict } from './predict.ts';

/**
 * Adds simulations to a run, unless it is interrupted, since the measurement is complete. Judges its evidence
 * again if they show that stalls don't decide a hypothesis.
 */
export async function withPrediction(
  plan: Plan,
  { file, folder, result, rounds }: Conducted,
): Promise<Result> {
  const { output, signal } = plan;
  if (!isWhole(result) || signal.aborted) return result;
  try {
    const simulated = await simulationsOf({ ...plan, file }, result, rounds);
    const evidence = await readRun(folder);
    const newest = newestFolder(evidence);
    writeSimulations(newest, simulated);
    if (!simulated.acquitted) return withSimulations(result, evidence);
    for (const { seed } of result.rounds ?? []) writeSimulations(roundFolder(newest, seed), simulated);
    const again = await analyse(file, evidence, (seed, round) =>
      output(roundFolder(folder, seed), round, true),
    );
    return withSimulations(again, evidence);
  } catch {
    return result; // interrupted, or the disk is full
  }
}

async function simulationsOf(
  plan: Plan,
  result: Result,
  rounds: readonly Result[],
): Promise<SimulationEvidence> {
  const { file, world, withoutFaults, signal, onProgress } = plan;
  if (world.incomparable !== undefined) return notSimulated(file.experiment, world.incomparable);
  const validity = result.validity.filter(({ name }) => name !== stallCheck);
  const unopened = { ...result, validity };
  return predict(file, {
    overheads: overheadsOf(rounds.flatMap(({ variants }) => variants)),
    acquit: (evidence, simulated) =>
      acquit(file.experiment, rounds, result.validity, besideSimulations(unopened, evidence), simulated),
    slowMotion: result.slowMotion?.factor,
    withoutFaults,
    signal,
    onProgress: (done, of) => onProgress({ stage: 'prediction', done, of }),
  }).catch((error: Error) => {
    signal.throwIfAborted();
    return notSimulated(file.experiment, `The simulation failed: ${error.message}`);
  });
}
