import { dirname, join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { version } from '#kit/process/installation.ts';
import type { Sample } from '#lab/conduct/sample.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { figureShown } from '#lab/experiment/hypothesis/metric-name.ts';
import { textOf } from '#lab/experiment/read.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { inNumber, interval, share as percent, plain, plural } from '#lab/experiment/text/format.ts';
import { changedText } from '#lab/explore/changed-text.ts';
import { describePoint, type Point } from '#lab/explore/space.ts';
import { checkPoints, fieldsAt, openSubject } from '#lab/explore/subject.ts';
import { freshFactor, missesMax, nearestOf, type Trial, tryPoint } from '#lab/explore/trial.ts';
import { type Aim, bestSoFar, describeRegion, type Tuned, tune } from '#lab/explore/tune.ts';
import { wilson } from '#lab/judge/statistics/bootstrap.ts';
import { mark, paperOf } from '#lab/show/terminal/paper.ts';
import { commandLine, flagsOf } from '#lab/world/process/command-line.ts';
import { refuseExisting, writeNew } from './changed-file.ts';
import { cornersOf, type Exploration, explore, rangeOf } from './explore.ts';
import { clear } from './progress.ts';
import { type TrialProgress, trialsTo } from './steps.ts';
import { pathsIn, textsOf, type Vary } from './vary.ts';
import { warn } from './warnings.ts';

export interface TuneOptions {
  readonly vary: readonly Vary[];
  readonly require: readonly string[];
  readonly minimize?: string;
  readonly maximize?: string;
  readonly out: string;
  readonly write?: string;
  readonly seeds: number;
  readonly seed?: number;
  readonly only?: readonly string[];
}

/** Least share of the seeds for which all requirements hold. */
const share = 0.95;

/** Finds values for which hypotheses hold, and writes the changed file. Returns the exit code. Throws InputError. */
export async function tuneCommand(given: string, options: TuneOptions): Promise<number> {
  const plan = planOf(given, options);
  refuseExisting(plan.target);
  warn([plan.subject.file]);
  return explore({ ...plan, kind: 'tune', out: options.out }, (exploration) => conduct(plan, exploration));
}

type Plan = ReturnType<typeof planOf>;

/** Checks the command line. */
function planOf(given: string, options: TuneOptions) {
  const { vary, require, minimize, maximize } = options;
  if (minimize !== undefined && maximize !== undefined)
    throw new InputError('expected --minimize or --maximize, not both');
  const metric = minimize ?? maximize;
  const aim: Aim = minimize !== undefined ? 'minimize' : maximize !== undefined ? 'maximize' : undefined;
  if (vary.length > 1 && aim === undefined)
    throw new InputError(
      'expected --minimize or --maximize beside several --vary, since no point is the largest',
    );
  // The left side of this hypothesis is the metric.
  const measured = metric === undefined ? [] : [`${metric} >= ${metric}`];
  const subjectOptions = {
    ...{ text: textOf(given), only: options.only, seed: options.seed },
    hypotheses: [...require, ...measured],
  };
  const subject = openSubject(subjectOptions, (hypothesis) =>
    require.includes(hypothesis) ? `--require '${hypothesis}'` : `--${aim} '${metric}'`,
  );
  const { name, file, experiment } = subject.file;
  const fields = fieldsAt(subject, '--vary', pathsIn(vary));
  const ranges = vary.map(({ text }, index) => rangeOf('--vary', text, fields[index]!, subject));
  checkPoints(subject, fields, cornersOf(ranges));
  const all = seedsOf({ seed: experiment.seed, repeat: (1 + freshFactor) * options.seeds });
  return {
    ...{ subject, fields, ranges, aim, metric, require },
    ...{ seeds: all.slice(0, options.seeds), fresh: all.slice(options.seeds) },
    options: subjectOptions,
    paths: fields.map(({ path }) => path),
    target: options.write ?? `${name}-tuned.yaml`,
    command: commandOf(file, experiment.seed, options),
    startedAt: wallTime().toISOString(),
    indices: require.map((text) => subject.hypotheses.indexOf(text)),
    metricIndex: subject.hypotheses.indexOf(measured[0] ?? ''),
  };
}

async function conduct(plan: Plan, exploration: Exploration): Promise<number> {
  const { ranges, aim, subject, fields, target } = plan;
  const folder = exploration.folder();
  const trials: Trial[] = [];
  const show = trialsTo(process.stderr);
  const tuned = await tune(ranges, aim, async (point, where, isFresh) => {
    show.at(where);
    const trial = await tryOne(plan, { ...exploration, show }, point, isFresh);
    trials.push(trial);
    return trial;
  }).catch((error) => {
    if (exploration.signal.aborted) return undefined;
    throw error;
  });
  if (process.stderr.isTTY) clear(process.stderr);
  if (!tuned) {
    const best = bestSoFar(ranges, aim, trials);
    const tried = plural(trials.length, 'tried value');
    const found = best ? `Best so far: ${describeTrial(plan, best)}` : `None of ${tried} holds so far`;
    process.stdout.write(plain(`${found}. No file was written.\n`));
    return exitCodes.interrupted;
  }
  const { best } = tuned;
  const changed =
    best && changedText(subject, { by: 'tune', folder: dirname(target), fields, point: best.point });
  const finding = best ? findingOf(plan, best, trials) : nothingIn(plan, trials);
  const failing = best ? othersFailing(plan, exploration, best.point) : [];
  await writeTrials(plan, folder, { tuned, trials, failing });
  if (changed === undefined) throw new InputError(`--require: ${finding}`);
  await writeNew(target, changed);
  const edge = tuned.isInside ? [] : ['⚠ No margin: a neighbouring value fails.'];
  const warning = failing.length > 0 ? [`⚠ ${describeFailing(failing)}`] : [];
  const others = failing.map((each) => `  ${describeOther(each)}`);
  const lines = ['', finding, ...edge, ...warning, ...others, `File: ${target}`, ''];
  process.stdout.write(plain(lines.join('\n')));
  return exitCodes.held;
}

/** Tries a point, and shows it. */
async function tryOne(
  plan: Plan,
  { explorer, width, show }: Exploration & { show: TrialProgress },
  point: Point,
  isFresh: boolean,
): Promise<Trial> {
  const { fields, indices, metricIndex } = plan;
  const seeds = isFresh ? plan.fresh : plan.seeds;
  const tried = await tryPoint(explorer, point, {
    ...{ seeds, share, width },
    isMet: ({ hypotheses }) => indices.every((index) => hypotheses[index]?.ok === true),
    metricOf: ({ hypotheses }) => hypotheses[metricIndex]?.left ?? null,
    distanceOf: ({ hypotheses }) => indices.reduce((sum, index) => sum + distanceIn(hypotheses[index]), 0),
    onSeeds: (tried) =>
      show.under(`  ${describePoint(fields, point)}: ${tried} of ${plural(seeds.length, 'seed')}`),
  });
  const trial: Trial = isFresh ? { ...tried, isFresh } : tried;
  const sign = mark(trial.holds, paperOf(process.stderr));
  show.tried(`${sign} ${describeTrial(plan, trial)}`);
  return trial;
}

/** Returns how far the left side of a hypothesis is from the right one, if it failed: from 0 to 2. */
function distanceIn(hypothesis: Sample['hypotheses'][number] | undefined): number {
  const { ok, left = null, right = null } = hypothesis ?? {};
  if (ok === true) return 0;
  if (left === null || right === null) return 2;
  return Math.abs(left - right) / Math.max(Math.abs(left), Math.abs(right), Number.MIN_VALUE);
}

function describeTrial({ fields, metric }: Plan, { point, metric: value, ...trial }: Trial): string {
  const { held: count, of, isFresh, holds } = trial;
  const between = isFresh && holds ? ` (95 % interval: ${interval(wilson({ count, of }), percent)})` : '';
  const also = value === null ? '' : `, ${metric} ${figureShown(metric!, value)}`;
  const seeds = plural(of, isFresh ? 'fresh seed' : 'seed');
  return `${describePoint(fields, point)}: held for ${count} of ${seeds}${between}${also}`;
}

/** Hypothesis of the file that `--require` doesn't name. */
interface Other {
  readonly text: string;
  /** Seeds for which it holds, among those for which it was judged. */
  readonly held: number;
  readonly of: number;
}

/** Returns the other hypotheses of the file that fail at a point, by the share of seeds that `--require` needs. */
function othersFailing(
  { subject, indices, metricIndex, fresh }: Plan,
  { explorer }: Exploration,
  point: Point,
): Other[] {
  const samples = fresh.flatMap((seed) => explorer.known(point, seed) ?? []);
  return subject.hypotheses.flatMap((text, index) => {
    if (indices.includes(index) || index === metricIndex) return [];
    const judged = samples.flatMap(({ hypotheses }) => hypotheses[index]?.ok ?? []);
    const held = judged.filter((ok) => ok).length;
    const isFailing = judged.length - held > missesMax(judged.length, share);
    return isFailing ? [{ text, held, of: judged.length }] : [];
  });
}

const describeFailing = (failing: readonly Other[]): string =>
  `${plural(failing.length, 'other hypothesis')} of the file ${inNumber(failing.length, 'fails', 'fail')} here:`;

const describeOther = ({ text, held, of }: Other): string =>
  `${text}: held for ${held} of ${plural(of, 'seed')}`;

interface Outcome {
  readonly tuned: Tuned;
  readonly trials: readonly Trial[];
  readonly failing: readonly Other[];
}

/** Writes `tune.json`. */
async function writeTrials(
  { require, command, startedAt, metric, paths }: Plan,
  folder: string,
  { tuned, trials, failing }: Outcome,
): Promise<void> {
  const head = { version: 1, spillway: version, command, startedAt, paths, require, metric: metric ?? null };
  await writeWhole(join(folder, 'tune.json'), `${JSON.stringify({ ...head, trials, failing, ...tuned })}\n`);
}

function findingOf(plan: Plan, best: Trial, trials: readonly Trial[]): string {
  const around = plan.fields.length === 1 ? ` ${describeRegion(best, trials)}` : '';
  return plain(`Found ${describeTrial(plan, best)}.${around}`);
}

/** Says that no value holds, or none with fresh seeds, and which one comes nearest. */
function nothingIn(plan: Plan, trials: readonly Trial[]): string {
  const fresh = trials.filter(({ isFresh }) => isFresh);
  const where = fresh.length > 0 ? 'fresh seeds' : 'the seeds';
  const nearest = nearestOf(fresh.length > 0 ? fresh : trials)!;
  return plain(`no tried value holds for 95 % of ${where}; the nearest is ${describeTrial(plan, nearest)}`);
}

function commandOf(file: string, seed: number, options: TuneOptions): string {
  const { vary, require, minimize, maximize, seeds, only } = options;
  const flags = { vary: textsOf(vary), require, minimize, maximize, seeds, seed, only: only?.join(',') };
  return commandLine(['tune', file, ...flagsOf(flags)]);
}
