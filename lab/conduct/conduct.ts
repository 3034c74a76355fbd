import { mkdirSync, renameSync } from 'node:fs';
import { wallTime } from '#kit/clock.ts';
import type { SlowMotion } from '#lab/evidence/conditions.ts';
import { rerunFolder, roundFolder, runIn } from '#lab/evidence/folder.ts';
import { readRun, unfinished } from '#lab/evidence/read-run.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { analyse, repeating, roundOf } from '#lab/judge/analyse.ts';
import { askedOf } from '#lab/judge/asked.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import type { Plan } from './plan.ts';
import { conductOnce } from './run.ts';
import { createFolders } from './run-folder.ts';
import { headOf, RunLog } from './run-log.ts';

/** A run that was conducted, with the results of its rounds. */
export interface Conducted extends Pick<Plan, 'file' | 'folder'> {
  readonly result: Result;
  readonly rounds: readonly Result[];
}

/** Resolves with the result, even if the run ended early. Rejects with TestbedError if a round's can't be written. */
export const conduct = (plan: Plan): Promise<Conducted> =>
  plan.rerun ? conductAgain(plan) : conductRounds(plan);

/** Judges a run with further tries of variants. If these end early, the run is left as it was. */
async function conductAgain(plan: Plan): Promise<Conducted> {
  const folder = rerunFolder(plan.folder, wallTime().toISOString().replaceAll(/[-:.]/g, ''));
  const part = folder + unfinished;
  createFolders(part);
  const conducted = await conductRounds({ ...plan, folder: part });
  const { errors, status } = conducted.result;
  if (errors.length > 0 || status === 'interrupted') return { ...conducted, folder: part };
  renameSync(part, folder);
  const evidence = await readRun(plan.folder);
  const file = askedOf(evidence);
  const rounds: Result[] = [];
  const result = await analyse(file, evidence, async (seed, round) => {
    rounds.push(round);
    await plan.output(roundFolder(plan.folder, seed), round, true);
  });
  return { file, folder: plan.folder, result, rounds: result.rounds ? rounds : [result] };
}

/**
 * Conducts rounds, each in `rounds/<seed>`, and each with another variant first. After a round with errors
 * other than those of clients, no further round runs.
 */
async function conductRounds(plan: Plan): Promise<Conducted> {
  const { file, world, folder, signal, onProgress } = plan;
  const { repeat } = file.experiment;
  if (repeat === 1) {
    const result = await conductOnce(plan);
    return { file, folder, result, rounds: [result] };
  }
  const stopwatch = world.stopwatch();
  const log = new RunLog(runIn(folder).writer(), stopwatch);
  const head = headOf(plan);
  log.add(head);
  const rounds: Result[] = [];
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
  return { file, folder, result, rounds };
}
