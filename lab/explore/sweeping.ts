import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { createRunFolder, tryRunFolder } from '#lab/conduct/run-folder.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { count } from '#lab/experiment/text/format.ts';
import { sweepCsv } from './csv.ts';
import {
  type Exploration,
  type ExploreOptions,
  explore,
  type LineOf,
  planExploration,
  type Vary,
} from './exploration.ts';
import { renderSweepPage } from './page/page.ts';
import type { SweepResult } from './result.ts';
import { gridOf } from './space.ts';
import { checkPoints } from './subject.ts';
import { resultOf, type SweepProgress, sweep } from './sweep.ts';
import { parseValues } from './values.ts';

export interface SweepOptions extends ExploreOptions {
  readonly vary: readonly Vary[];
  /** Folder for the results of runs. */
  readonly out: string;
}

const pointsMax = 100_000;

export type SweepPlan = ReturnType<typeof planSweep>;

/** Plans a sweep over all points of a grid. Throws InputError. */
export function planSweep(file: string, options: SweepOptions, lineOf: LineOf) {
  const { vary } = options;
  if (vary.length > 2) throw new InputError(`--vary: expected one or two paths, got ${vary.length}`);
  const plan = planExploration({ file, option: '--vary', vary, lineOf }, options);
  const values = vary.map(({ path, text }) => valuesOf(path, text));
  const amount = values.reduce((product, { length }) => product * length, 1);
  if (amount > pointsMax)
    throw new InputError(`--vary: expected at most ${count(pointsMax)} points, got ${count(amount)}`);
  const points = gridOf(values);
  checkPoints(plan.subject, plan.fields, points);
  const { name, experiment } = plan.subject.file;
  const seeds = seedsOf({ seed: experiment.seed, repeat: options.seeds });
  const place = [join(options.out, name), 'sweep', experiment.seed, wallTime()] as const;
  return { ...plan, values, points, seeds, place };
}

interface Sweeping {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SweepProgress) => void;
  /** Receives the result and the folder for its files, before they are written. */
  readonly onResult: (result: SweepResult, folder: string) => void;
}

/** Conducts a sweep, and writes its results. Resolves with the result and its folder, also after an interruption. */
export function runSweep(
  plan: SweepPlan,
  sweeping: Sweeping,
): Promise<{ result: SweepResult; folder: string }> {
  tryRunFolder(...plan.place);
  return explore(plan, sweeping.signal, async (exploration) => {
    const result = await swept(plan, exploration, sweeping);
    const folder = createRunFolder(...plan.place);
    sweeping.onResult(result, folder);
    await writeWhole(join(folder, 'sweep.json'), `${JSON.stringify(result)}\n`);
    await writeWhole(join(folder, 'sweep.csv'), sweepCsv(result));
    await writeWhole(join(folder, 'sweep.html'), renderSweepPage(result));
    return { result, folder };
  });
}

async function swept(plan: SweepPlan, exploration: Exploration, sweeping: Sweeping): Promise<SweepResult> {
  const { subject, fields, values, points, seeds, command, place } = plan;
  const { explorer, signal } = exploration;
  const about = {
    subject,
    fields,
    values,
    points,
    seeds,
    explorer,
    command,
    startedAt: place[3].toISOString(),
  };
  try {
    await sweep(explorer, points, seeds, sweeping.onProgress);
    return resultOf({ ...about, status: 'complete' });
  } catch (error) {
    if (!signal.aborted) throw error;
    return resultOf({ ...about, status: 'interrupted' });
  }
}

function valuesOf(path: string, text: string): number[] {
  const values = parseValues(text);
  if (typeof values === 'string') throw new InputError(`--vary ${path}=${text}: ${values}`);
  return values;
}
