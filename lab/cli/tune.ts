import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { textOf } from '#lab/experiment/read.ts';
import { changedText } from '#lab/explore/changed-text.ts';
import { renderTriedPage } from '#lab/explore/page/tried.ts';
import { changesAt, describePoint } from '#lab/explore/space.ts';
import { checkPoints, openSubject } from '#lab/explore/subject.ts';
import { type Trial, tryPoint } from '#lab/explore/trial.ts';
import { type Aim, type Tuned, tune } from '#lab/explore/tune.ts';
import { mark, paperOf } from '#lab/report/terminal/paper.ts';
import { commandLine, version } from '#lab/testbed/process/command-line.ts';
import { number, plain, plural } from '#lab/text/format.ts';
import { refuseExisting, writeNew } from './changed-file.ts';
import { cornersOf, explore, rangeOf } from './explore.ts';
import { writeWhole } from './run-folder.ts';
import { warn } from './validate.ts';
import type { Vary } from './vary.ts';

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
  const { vary, require, minimize, maximize } = options;
  if (minimize !== undefined && maximize !== undefined)
    throw new InputError('expected --minimize or --maximize, not both');
  const metric = minimize ?? maximize;
  const aim: Aim = minimize !== undefined ? 'minimize' : maximize !== undefined ? 'maximize' : undefined;
  if (vary.length > 1 && aim === undefined)
    throw new InputError(
      'expected --minimize or --maximize beside several --vary, since no value is the largest',
    );
  // The left side of this hypothesis is the metric.
  const measured = metric === undefined ? [] : [`${metric} >= 0`];
  const subjectOptions = {
    ...{ text: textOf(given), only: options.only, seed: options.seed },
    hypotheses: [...require, ...measured],
  };
  const subject = openSubject(subjectOptions);
  const { name, file, experiment, source } = subject.file;
  const fields = vary.map(({ path }) => subject.field(path, '--vary'));
  const ranges = vary.map(({ text }, index) => rangeOf('--vary', text, fields[index]!, subject));
  checkPoints(subject, fields, cornersOf(ranges));
  const target = options.write ?? `${name}-tuned.yaml`;
  refuseExisting(target);
  warn([subject.file]);
  const indices = require.map((text) => subject.hypotheses.indexOf(text));
  const metricIndex = subject.hypotheses.indexOf(measured[0] ?? '');
  const seeds = Array.from({ length: options.seeds }, (_, index) => experiment.seed + index);
  const startedAt = wallTime().toISOString();
  const args = { ranges, paths: fields.map(({ path }) => path), seeds, aim };
  return explore(
    { kind: 'tune', subject, options: subjectOptions, fields, args, out: options.out },
    async (exploration) => {
      const { explorer, signal, width } = exploration;
      const folder = exploration.folder();
      const trials: Trial[] = [];
      const paper = paperOf(process.stderr);
      const tuned = await tune(ranges, aim, async (point) => {
        const trial = await tryPoint(explorer, point, {
          ...{ seeds, share, width },
          isMet: ({ problem, hypotheses }) =>
            problem === undefined && indices.every((index) => hypotheses[index]?.ok === true),
          metricOf: ({ hypotheses }) => hypotheses[metricIndex]?.left ?? null,
        });
        trials.push(trial);
        const also = trial.metric === null ? '' : `, ${metric} ${number(trial.metric)}`;
        process.stderr.write(
          `${mark(trial.holds, paper)} ${describePoint(fields, point)}: held for ${trial.held} of ${plain(plural(trial.of, 'seed'))}${also}\n`,
        );
        return trial;
      }).catch((error) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (!tuned) return exitCodes.interrupted;
      const changed = tuned.best && changedText(subject, changesAt(fields, tuned.best.point), '.');
      const finding = tuned.best ? findingOf(tuned, tuned.best) : nothingIn(trials);
      const command = commandOf(file, experiment.seed, options);
      await writeWhole(
        join(folder, 'tune.json'),
        `${JSON.stringify({ version: 1, spillway: version, command, startedAt, paths: args.paths, require, metric, trials, ...tuned })}\n`,
      );
      const page = join(folder, 'tune.html');
      const about = {
        version,
        kind: 'tune' as const,
        startedAt,
        command,
        finding,
        required: require,
        paths: fields,
        trials,
      };
      await writeWhole(
        page,
        renderTriedPage({
          ...about,
          experiment: { name, title: experiment.title, source },
          found: tuned.best?.point,
          changed,
        }),
      );
      explorer.store.end();
      if (changed === undefined) throw new InputError(finding);
      await writeNew(target, changed);
      process.stdout.write(`\n${finding}\nFile: ${target}\nPage: ${page}\n`);
      return exitCodes.held;
    },
  );

  function findingOf({ interval, isBroken }: Tuned, { point, held, of, metric: value }: Trial): string {
    const within = interval ? ` All tried values from ${interval[0]} to ${interval[1]} hold.` : '';
    const broken = isBroken ? ' Values outside hold, too, so other solutions may exist.' : '';
    const best = value === null ? '' : `, with ${metric} = ${number(value)}`;
    return plain(
      `Found ${describePoint(fields, point)}: held for ${held} of ${plural(of, 'seed')}${best}.${isBroken ? '' : within}${broken}`,
    );
  }

  function nothingIn(trials: readonly Trial[]): string {
    const [nearest] = trials.toSorted((a, b) => b.held / b.of - a.held / a.of);
    const at = nearest!;
    return `no tried value holds for 95 % of the seeds; the nearest is ${describePoint(fields, at.point)}, which held for ${at.held} of ${plain(plural(at.of, 'seed'))}`;
  }
}

function commandOf(file: string, seed: number, options: TuneOptions): string {
  const { vary, require, minimize, maximize, seeds, only } = options;
  return commandLine([
    ...['tune', file],
    ...vary.flatMap(({ path, text }) => ['--vary', `${path}=${text}`]),
    ...require.flatMap((text) => ['--require', text]),
    ...(minimize === undefined ? [] : ['--minimize', minimize]),
    ...(maximize === undefined ? [] : ['--maximize', maximize]),
    ...['--seeds', String(seeds), '--seed', String(seed)],
    ...(only ? ['--only', only.join(',')] : []),
  ]);
}
