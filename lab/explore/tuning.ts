import { systemClock } from '#kit/clock.ts';
import { figureShown } from '#lab/experiment/metrics/shown.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { wilson } from '#lab/judge/statistics/bootstrap.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { duration, inNumber, interval, share as percent, plain, plural } from '#lab/kit/text/format.ts';
import { differing, refuseExisting, writeChanged } from './changed-file.ts';
import {
  type ExploreOptions,
  explore,
  type LineOf,
  planExploration,
  rangeOf,
  type Vary,
} from './exploration.ts';
import type { Explorer } from './explorer.ts';
import { describePoint, type Point } from './space.ts';
import { checkPoints } from './subject.ts';
import { freshFactor, missesMax, nearestOf, type Trial, tryPoint } from './trial.ts';
import { type Aim, describeRegion, numberLine, tune } from './tune.ts';

export interface TuneOptions extends ExploreOptions {
  readonly vary: readonly Vary[];
  readonly require: readonly string[];
  readonly minimize?: string | undefined;
  readonly maximize?: string | undefined;
  /** Changed file. @default `NAME-tuned.yaml` in the current folder */
  readonly write?: string | undefined;
}

/** Least share of the seeds for which all requirements hold. */
const share = 0.95;

export type TunePlan = ReturnType<typeof planTune>;

/** Plans a search for values for which hypotheses hold. Throws InputError. */
export function planTune(file: string, options: TuneOptions, lineOf: LineOf) {
  const { vary, require, minimize, maximize } = options;
  if (vary.length > 1) throw new InputError(`--vary: expected one path, got ${vary.length}`);
  if (minimize !== undefined && maximize !== undefined)
    throw new InputError('expected --minimize or --maximize, not both');
  const metric = minimize ?? maximize;
  const aim: Aim = minimize !== undefined ? 'minimize' : maximize !== undefined ? 'maximize' : undefined;
  // The left side of this hypothesis is the metric.
  const measured = metric === undefined ? [] : [`${metric} >= ${metric}`];
  const plan = planExploration(
    {
      ...{ file, option: '--vary', vary, lineOf, hypotheses: [...require, ...measured] },
      nameOf: (text) => (require.includes(text) ? `--require '${text}'` : `--${aim} '${metric}'`),
    },
    options,
  );
  const { subject, fields } = plan;
  const { name, experiment } = subject.file;
  const { hypothesis } = experiment;
  const range = rangeOf('--vary', vary[0]!.text, fields[0]!, subject);
  checkPoints(plan, '--vary', [[range.from], [range.to]]);
  const all = seedsOf({ seed: experiment.seed, repeat: (1 + freshFactor) * options.seeds });
  const target = options.write ?? `${name}-tuned.yaml`;
  refuseExisting(target);
  return {
    ...{ ...plan, range, aim, metric, require, target },
    ...{ seeds: all.slice(0, options.seeds), fresh: all.slice(options.seeds) },
    indices: require.map((text) => hypothesis.indexOf(text)),
    metricIndex: hypothesis.indexOf(measured[0] ?? ''),
  };
}

export interface TrialProgress {
  /** Receives the place of the next trials. */
  readonly at: (where: string) => void;
  /** Receives a trial under way. */
  readonly under: (trial: string) => void;
  readonly tried: (trial: string, holds: boolean) => void;
  /** Receives the number of values and their time. */
  readonly ended: (text: string) => void;
}

/** Searches values for which hypotheses hold, and writes the changed file. Resolves with what to say. Throws InputError. */
export const runTune = (plan: TunePlan, show: TrialProgress, signal: AbortSignal): Promise<string> =>
  explore(plan, signal, (explorer) => conduct(plan, show, explorer));

async function conduct(plan: TunePlan, show: TrialProgress, explorer: Explorer): Promise<string> {
  const { range, aim, subject, fields, target, command } = plan;
  const trials: Trial[] = [];
  const startedAtMs = systemClock.now();
  const tuned = await tune(range, aim, async (point, where, isFresh) => {
    show.at(where);
    const trial = await tryOne(plan, show, explorer, point, isFresh);
    trials.push(trial);
    return trial;
  });
  if (!tuned) throw new InputError(`--require: ${nothingIn(plan, trials)}`);
  const { best, isInside } = tuned;
  const { point } = best;
  await writeChanged(target, subject.file, { command, ...differing(fields, point) });
  const values = new Set(trials.map(({ point: [value] }) => value)).size;
  show.ended(`Tried ${plural(values, 'value')} in ${duration(systemClock.now() - startedAtMs)}.`);
  const finding = plain(`Found ${describeTrial(plan, best)}. ${describeRegion(best, trials)}`);
  const edge = isInside ? [] : ['⚠ No margin: a neighbouring value fails.'];
  const line = `  ${numberLine(range, best, trials)}   (✓ holds, ✗ fails, ● chosen)`;
  return ['', finding, line, ...edge, ...othersFailing(plan, explorer, point), `File: ${target}`, ''].join(
    '\n',
  );
}

async function tryOne(
  plan: TunePlan,
  show: TrialProgress,
  explorer: Explorer,
  point: Point,
  isFresh: boolean,
): Promise<Trial> {
  const { fields, indices, metricIndex } = plan;
  const seeds = isFresh ? plan.fresh : plan.seeds;
  const required = { seeds, share, indices, metricIndex };
  const tried = await tryPoint(explorer, point, required, (tried) => {
    const leftMs = explorer.estimateMs(seeds.length - tried) ?? 0;
    const left = leftMs > 0 ? `, about ${duration(1000 * Math.ceil(leftMs / 1000))} left for this value` : '';
    show.under(`  ${describePoint(fields, point)}: ${tried} of ${plural(seeds.length, 'seed')}${left}`);
  });
  const trial = { ...tried, isFresh };
  show.tried(describeTrial(plan, trial), trial.holds);
  return trial;
}

function describeTrial({ fields, metric }: TunePlan, { point, metric: value, ...trial }: Trial): string {
  const { held: count, of, isFresh, holds } = trial;
  const between = isFresh && holds ? ` (95 % interval: ${interval(wilson(count, of), percent)})` : '';
  const also = value === null ? '' : `, ${metric} ${figureShown(metric!, value)}`;
  const seeds = plural(of, isFresh ? 'fresh seed' : 'seed');
  return `${describePoint(fields, point)}: held for ${count} of ${seeds}${between}${also}`;
}

/** Lists the other hypotheses of the file that fail at a point, by the share of seeds that `--require` needs. */
function othersFailing(plan: TunePlan, explorer: Explorer, point: Point): string[] {
  const { subject, indices, metricIndex, fresh } = plan;
  const samples = fresh.flatMap((seed) => explorer.known(point, seed) ?? []);
  const failing = subject.file.experiment.hypothesis.flatMap((text, index) => {
    if (indices.includes(index) || index === metricIndex) return [];
    const judged = samples.flatMap(({ hypotheses }) => hypotheses[index]?.ok ?? []);
    const held = judged.filter((ok) => ok).length;
    const isFailing = judged.length - held > missesMax(judged.length, share);
    return isFailing ? `  ${text}: held for ${held} of ${plural(judged.length, 'seed')}` : [];
  });
  if (failing.length === 0) return [];
  const others = plural(failing.length, 'other hypothesis');
  return [`⚠ ${others} of the file ${inNumber(failing.length, 'fails', 'fail')} here:`, ...failing];
}

/** Says that no value holds, or none with fresh seeds, and which one comes nearest. */
function nothingIn(plan: TunePlan, trials: readonly Trial[]): string {
  const fresh = trials.filter(({ isFresh }) => isFresh);
  const where = fresh.length > 0 ? 'fresh seeds' : 'the seeds';
  const nearest = nearestOf(fresh.length > 0 ? fresh : trials);
  return plain(`no tried value holds for 95 % of ${where}; the nearest is ${describeTrial(plan, nearest)}`);
}
