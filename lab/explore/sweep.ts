import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { version } from '#kit/process/installation.ts';
import { createRunFolder, tryRunFolder } from '#lab/conduct/run-folder.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { count } from '#lab/kit/text/format.ts';
import { planned } from '#load/phases.ts';
import { sweepCsv } from './csv.ts';
import { areAlike, estimate, inferFromNearest } from './estimates.ts';
import {
  type ExploreOptions,
  explore,
  type LineOf,
  planExploration,
  type Steps,
  type Vary,
} from './exploration.ts';
import type { Explorer } from './explorer.ts';
import { renderSweepPage } from './page/page.ts';
import { refine, type Spot } from './refine.ts';
import type { SweepResult } from './result.ts';
import { gridOf, type Point } from './space.ts';
import { checkPoints } from './subject.ts';
import { parseValues } from './values.ts';

export interface SweepOptions extends ExploreOptions {
  readonly vary: readonly Vary[];
  /** Folder for the results of runs. */
  readonly out: string;
  /** True to simulate every point with all seeds. Otherwise a map over two paths is refined only where it changes. */
  readonly everyPoint?: boolean | undefined;
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
  checkPoints(plan, '--vary', points);
  const { name, experiment } = plan.subject.file;
  const seeds = seedsOf({ seed: experiment.seed, repeat: options.seeds });
  const place = [join(options.out, name), 'sweep', experiment.seed, wallTime()] as const;
  const isRefined = options.everyPoint !== true && values.length === 2;
  return { ...plan, values, points, seeds, place, isRefined };
}

/** Time to simulate a request, as measured on a core of 2.5 GHz. */
const requestMs = 0.03;

/** Estimates the time of a sweep that simulates every point. */
export function estimateMs({ subject, points, seeds }: SweepPlan, width: number): number {
  const { load, seed, variants } = subject.file.experiment;
  const requests = planned(load, seed) * Object.keys(variants).length;
  return (requests * points.length * seeds.length * requestMs) / width;
}

interface Sweeping {
  readonly signal: AbortSignal;
  readonly onProgress: (steps: Steps) => void;
  /** Receives the first map, and its page. */
  readonly onMap: (result: SweepResult, page: string) => void;
  /** Receives the result and the folder for its files, before they are written. */
  readonly onResult: (result: SweepResult, folder: string) => void;
}

/** Conducts a sweep, and writes its results. Resolves with the result and its folder, also after an interruption. */
export function runSweep(
  plan: SweepPlan,
  sweeping: Sweeping,
): Promise<{ result: SweepResult; folder: string }> {
  tryRunFolder(...plan.place);
  return explore(plan, sweeping.signal, async (explorer) => {
    let folder: string | undefined;
    const result = await swept(plan, explorer, sweeping, (first) => {
      folder = createRunFolder(...plan.place);
      const page = join(folder, 'sweep.html');
      writeFileSync(page, renderSweepPage(first));
      sweeping.onMap(first, page);
    });
    folder ??= createRunFolder(...plan.place);
    sweeping.onResult(result, folder);
    await writeWhole(join(folder, 'sweep.json'), `${JSON.stringify(result)}\n`);
    await writeWhole(join(folder, 'sweep.csv'), sweepCsv(result));
    await writeWhole(join(folder, 'sweep.html'), renderSweepPage(result));
    return { result, folder };
  });
}

/** Simulates points with all seeds, seed by seed, so that an interrupted sweep covers all points. */
async function swept(
  plan: SweepPlan,
  explorer: Explorer,
  { signal, onProgress }: Sweeping,
  onMap: (first: SweepResult) => void,
): Promise<SweepResult> {
  const { points, seeds, values, isRefined } = plan;
  let [done, of] = [0, 0];
  const one = async (point: Point, seed: number) => {
    await explorer.sample(point, seed);
    done += 1;
    onProgress({ done, of, leftMs: explorer.estimateMs(of - done) });
  };
  const all = async (some: readonly Point[], own: readonly number[]) => {
    const open = own.flatMap((seed) =>
      some.filter((point) => !explorer.known(point, seed)).map((point) => [point, seed] as const),
    );
    of += open.length;
    await Promise.all(open.map(([point, seed]) => one(point, seed)));
  };
  const [first, ...others] = seeds as [number, ...number[]];
  const [columns = 1, rows = 1] = values.map(({ length }) => length);
  const pointAt = ([column, row]: Spot) => points[column * rows + row]!;
  const pointsAt = (spots: readonly Spot[]) => [...new Set(spots.map(pointAt))];
  try {
    if (!isRefined) await all(points, seeds);
    else {
      const changing = await refine({
        ...{ columns, rows },
        simulate: (spots) => all(pointsAt(spots), [first]),
        isAlike: (a, b) => areAlike(explorer.known(pointAt(a), first)!, explorer.known(pointAt(b), first)!),
        onCoarse: () => onMap(resultOf(plan, explorer, 'complete')),
      });
      await all(pointsAt(changing), others);
    }
    return resultOf(plan, explorer, 'complete');
  } catch (error) {
    if (!signal.aborted) throw error;
    return resultOf(plan, explorer, 'interrupted');
  }
}

/** Returns the result of a sweep, as far as it was simulated. */
function resultOf(plan: SweepPlan, explorer: Explorer, status: SweepResult['status']): SweepResult {
  const { subject, fields, values, points, seeds, command, place } = plan;
  const { name, file, source, experiment } = subject.file;
  const estimated = points.map((point) =>
    estimate(
      point,
      seeds.flatMap((seed) => explorer.known(point, seed) ?? []),
    ),
  );
  if (plan.isRefined && status === 'complete') inferFromNearest(estimated, values);
  return {
    version: 2,
    spillway: version,
    node: process.version,
    status,
    command,
    startedAt: place[3].toISOString(),
    experiment: { name, file, title: experiment.title, seed: experiment.seed, source },
    paths: fields.map(({ path, original = null }, index) => ({ path, values: values[index]!, original })),
    seeds: seeds.length,
    variants: Object.keys(experiment.variants),
    hypotheses: experiment.hypothesis,
    points: estimated.map(({ figures: _, ...point }) => point),
    figures: estimated.flatMap(({ figures }, point) => figures.map((figure) => ({ ...figure, point }))),
  };
}

function valuesOf(path: string, text: string): number[] {
  const values = parseValues(text);
  if (typeof values === 'string') throw new InputError(`--vary ${path}=${text}: ${values}`);
  return values;
}
