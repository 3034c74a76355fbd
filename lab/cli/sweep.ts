import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { textOf } from '#lab/experiment/read.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { count, plural } from '#lab/experiment/text/format.ts';
import { nearestToBoundary } from '#lab/explore/boundary.ts';
import { csvOf } from '#lab/explore/csv.ts';
import { renderSweepPage } from '#lab/explore/page/page.ts';
import { gridOf } from '#lab/explore/space.ts';
import { checkPoints, fieldsAt, openSubject } from '#lab/explore/subject.ts';
import { refuseLong, resultOf, sweep } from '#lab/explore/sweep.ts';
import { renderSweep } from '#lab/explore/terminal.ts';
import { parseValues } from '#lab/explore/values.ts';
import type { SweepResult, Verified } from '#lab/result/sweep.ts';
import { paperOf } from '#lab/show/terminal/paper.ts';
import { commandLine, flagsOf } from '#lab/world/process/command-line.ts';
import { explore } from './explore.ts';
import { clear } from './progress.ts';
import { stepsTo } from './steps.ts';
import { pathsIn, textsOf, type Vary } from './vary.ts';
import { verify } from './verify.ts';
import { warn } from './warnings.ts';

export interface SweepOptions {
  readonly vary: readonly Vary[];
  readonly out: string;
  readonly seeds: number;
  readonly seed?: number;
  readonly only?: readonly string[];
  /** Number of points that are also run on sockets. */
  readonly verify?: number;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const pointsMax = 100_000;

/** Simulates an experiment at all points of a grid. Returns the exit code. Throws InputError. */
export async function sweepCommand(given: string, options: SweepOptions): Promise<number> {
  const subjectOptions = { text: textOf(given), only: options.only, seed: options.seed };
  const subject = openSubject(subjectOptions);
  const fields = fieldsAt(subject, '--vary', pathsIn(options.vary));
  const values = options.vary.map(({ path, text }) => valuesOf(path, text));
  const amount = values.reduce((product, { length }) => product * length, 1);
  if (amount > pointsMax)
    throw new InputError(`--vary: expected at most ${count(pointsMax)} points, got ${count(amount)}`);
  const points = gridOf(values);
  checkPoints(subject, fields, points);
  warn([subject.file]);
  const { seed } = subject.file.experiment;
  const seeds = seedsOf({ seed, repeat: options.seeds });
  const command = commandOf(subject.file.file, seed, options);
  const startedAt = wallTime().toISOString();
  return explore(
    { kind: 'sweep', subject, options: subjectOptions, fields, out: options.out },
    async (exploration) => {
      const { explorer, signal } = exploration;
      const about = { subject, fields, values, points, seeds, explorer, command, startedAt };
      const verified: Verified[] = [];
      const result = async (): Promise<SweepResult> => {
        try {
          await refuseLong(explorer, { points, seeds, isLong: options.yes === true });
          exploration.folder();
          const show = stepsTo(process.stderr);
          await sweep(explorer, points, seeds, ({ done, of, leftMs }) =>
            show({
              done,
              of,
              leftMs,
              what: `${count(done)} of ${count(of)} simulations of ${plural(points.length, 'point')}`,
            }),
          );
          const complete = resultOf({ ...about, status: 'complete' });
          if (options.verify) {
            await exploration.close();
            await verify(nearestToBoundary(complete, options.verify), {
              ...{ subject, fields, only: options.only, folder: exploration.folder(), signal },
              onVerified: (each) => verified.push(each),
            });
          }
          return { ...complete, verified };
        } catch (error) {
          if (!signal.aborted) throw error;
          return { ...resultOf({ ...about, status: 'interrupted' }), verified };
        }
      };
      const found = await result();
      if (process.stderr.isTTY) clear(process.stderr);
      const folder = exploration.folder();
      await publish(folder, found, options.json === true);
      return found.status === 'interrupted' ? exitCodes.interrupted : exitCodes.held;
    },
  );
}

function valuesOf(path: string, text: string): number[] {
  const values = parseValues(text);
  if (typeof values === 'string') throw new InputError(`--vary ${path}=${text}: ${values}`);
  return values;
}

async function publish(folder: string, result: SweepResult, isJson: boolean): Promise<void> {
  if (isJson) process.stdout.write(`${JSON.stringify({ folder, ...result })}\n`);
  else process.stdout.write(`\n${renderSweep(result, paperOf(process.stdout))}\n`);
  await writeWhole(join(folder, 'sweep.json'), `${JSON.stringify(result)}\n`);
  await writeWhole(join(folder, 'sweep.csv'), csvOf(result));
  const page = join(folder, 'sweep.html');
  await writeWhole(page, renderSweepPage(result));
  if (!isJson) process.stdout.write(`\nTable: ${join(folder, 'sweep.csv')}\nPage: ${page}\n`);
}

/** Returns the command line that repeats this sweep, even if the seed changes in the file. */
function commandOf(file: string, seed: number, { vary, seeds, only, verify }: SweepOptions): string {
  const flags = { vary: textsOf(vary), seeds, seed, only: only?.join(','), verify };
  return commandLine(['sweep', file, ...flagsOf(flags)]);
}
