import { mkdirSync } from 'node:fs';
import type { SlowMotion } from '#lab/evidence/conditions.ts';
import { roundFolder, runIn } from '#lab/evidence/folder.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { repeating, roundOf } from '#lab/judge/analyse.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { withAdvice } from './advise.ts';
import { besideSimulations } from './beside-simulations.ts';
import type { Plan } from './plan.ts';
import { conductOnce } from './run.ts';
import { headOf, RunLog } from './run-log.ts';

/**
 * Conducts a plan, and resolves with its result, even if it ended early. Rejects with TestbedError if a result can't be
 * written.
 */
export async function conduct(plan: Plan): Promise<Result> {
  const { result: measured, rounds } = await conductRounds(plan);
  const beside = plan.predict ? await besideSimulations(plan, measured, rounds) : measured;
  const result = plan.advise ? await withAdvice(plan, beside) : beside;
  await plan.output(plan.folder, result, false);
  return result;
}

interface Conducted {
  readonly result: Result;
  readonly rounds: readonly Result[];
}

/**
 * Conducts rounds, each with its own seed and testbed, in `rounds/<seed>` of the folder. Each round starts with another
 * variant, so that no variant is always first. After a round with errors other than
 * those of clients, no further round runs.
 */
async function conductRounds(plan: Plan): Promise<Conducted> {
  const { file, world, folder, signal, onProgress } = plan;
  const { repeat } = file.experiment;
  if (repeat === 1) {
    const result = await conductOnce(plan);
    return { result, rounds: [result] };
  }
  const stopwatch = world.stopwatch();
  const log = new RunLog(runIn(folder).writer(), stopwatch);
  const head = headOf(plan);
  log.add(head);
  const rounds: Result[] = [];
  /** Pace of all rounds, which the first one measures. */
  let pace: SlowMotion | undefined;
  for (const [index, seed] of seedsOf(file.experiment).entries()) {
    log.add({ record: 'round', seed, atMs: log.elapsedMs });
    const own = roundFolder(folder, seed);
    mkdirSync(own, { recursive: true });
    const result = await conductOnce({
      ...plan,
      file: roundOf(file, seed),
      folder: own,
      round: { turn: index, machine: head.machine, pace },
      onProgress: (progress) => onProgress({ ...progress, round: { seed, index, of: repeat } }),
    });
    stopwatch.add(result.durationMs);
    await plan.output(own, result, true);
    rounds.push(result);
    pace ??= result.slowMotion;
    if (result.errors.some(({ name }) => name !== 'client')) break;
  }
  const durationMs = log.end(signal);
  log.close();
  const [first] = rounds as [Result];
  const command = repeating(head.command, first);
  const result = overRounds(rounds, { command, durationMs, ...(first.folder && { folder }) });
  return { result, rounds };
}
