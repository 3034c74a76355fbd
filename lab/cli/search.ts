import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { ExperimentError, textOf } from '#lab/experiment/read.ts';
import { changedText } from '#lab/explore/changed-text.ts';
import { renderTriedPage } from '#lab/explore/page/tried.ts';
import type { Sample } from '#lab/explore/sample.ts';
import { randomPoints, shrink } from '#lab/explore/search.ts';
import { changesAt, describePoint, type Point } from '#lab/explore/space.ts';
import { checkPoints, openSubject } from '#lab/explore/subject.ts';
import { type Trial, tryPoint } from '#lab/explore/trial.ts';
import { commandLine, version } from '#lab/testbed/process/command-line.ts';
import { count, plain, plural } from '#lab/text/format.ts';
import { refuseExisting, writeNew } from './changed-file.ts';
import { explore, rangeOf, stepsTo } from './explore.ts';
import { clear } from './progress.ts';
import { writeWhole } from './run-folder.ts';
import { warn } from './validate.ts';
import type { Vary } from './vary.ts';

export interface SearchOptions {
  readonly within: readonly Vary[];
  readonly points: number;
  readonly seeds: number;
  readonly out: string;
  readonly write?: string;
  readonly seed?: number;
  readonly only?: readonly string[];
}

/** Least share of the seeds for which a found experiment fails, so that it also fails on sockets. */
const failing = 0.8;

/** Looks for values with which a hypothesis fails, and writes the changed file. Returns the exit code. Throws InputError. */
export async function searchCommand(given: string, options: SearchOptions): Promise<number> {
  const subjectOptions = { text: textOf(given), only: options.only, seed: options.seed };
  const subject = openSubject(subjectOptions);
  const { name, file, experiment, source } = subject.file;
  if (subject.hypotheses.length === 0)
    throw new InputError(`${file}: expected a hypothesis, since search looks for one that fails`);
  const fields = options.within.map(({ path }) => subject.field(path, '--within'));
  const varied = options.within.map(({ text }, index) => ({
    range: rangeOf('--within', text, fields[index]!, subject),
    original: fields[index]!.original,
  }));
  const base = varied.map(({ original, range }) => original ?? range.from);
  // Together the ends of several ranges may be invalid, so each is checked alone.
  const ends = varied.flatMap(({ range }, index) => [
    base.with(index, range.from),
    base.with(index, range.to),
  ]);
  checkPoints(subject, fields, ends);
  const target = options.write ?? `${name}-failing.yaml`;
  refuseExisting(target);
  warn([subject.file]);
  const seeds = Array.from({ length: options.seeds }, (_, index) => experiment.seed + index);
  const startedAt = wallTime().toISOString();
  const args = { varied, paths: fields.map(({ path }) => path), seeds, points: options.points };
  return explore(
    { kind: 'search', subject, options: subjectOptions, fields, args, out: options.out },
    async (exploration) => {
      const { explorer, signal, width } = exploration;
      const folder = exploration.folder();
      const trials: Trial[] = [];
      try {
        const already = failuresIn(await explorer.sample(base, seeds[0]!));
        if (already.length > 0)
          throw new InputError(`${file}: fails already without a change: ${subject.hypotheses[already[0]!]}`);
        const found = await find();
        if (process.stderr.isTTY) clear(process.stderr);
        const small = found && (await shrink(varied, found.point, (point) => fails(point, found.hypothesis)));
        const text = found && subject.hypotheses[found.hypothesis];
        const changed = small && changedText(subject, changesOf(small), '.');
        const share = trials.findLast(
          ({ point }) => point === small || (small && point.join() === small.join()),
        );
        const finding = small
          ? plain(
              `With ${describeChanged(small)} the hypothesis fails for ${share!.of - share!.held} of ${plural(share!.of, 'seed')}: ${text}`,
            )
          : plain(`No hypothesis fails at ${count(options.points)} random points.`);
        const command = commandOf(file, experiment.seed, options);
        await writeWhole(
          join(folder, 'search.json'),
          `${JSON.stringify({ version: 1, spillway: version, command, startedAt, paths: args.paths, trials, hypothesis: text ?? null, found: small ?? null })}\n`,
        );
        const page = join(folder, 'search.html');
        const about = {
          version,
          kind: 'search' as const,
          startedAt,
          command,
          finding,
          required: subject.hypotheses,
        };
        await writeWhole(
          page,
          renderTriedPage({
            ...about,
            paths: fields,
            trials,
            experiment: { name, title: experiment.title, source },
            found: small,
            changed,
          }),
        );
        explorer.store.end();
        if (changed === undefined) {
          process.stdout.write(`${finding}\nPage: ${page}\n`);
          return exitCodes.held;
        }
        await writeNew(target, changed);
        const some = options.only ? ['--only', options.only.join(',')] : [];
        const run = commandLine(['run', '--slow-motion', 'auto', ...some, target]);
        process.stdout.write(`${finding}\nFile: ${target}\nPage: ${page}\nRun it on sockets: ${run}\n`);
        return exitCodes.failed;
      } catch (error) {
        if (!signal.aborted) throw error;
        return exitCodes.interrupted;
      }

      /** Tries random points, several at a time. Resolves with the first that fails for most seeds. */
      async function find(): Promise<{ point: Point; hypothesis: number } | undefined> {
        const show = stepsTo(process.stderr);
        let done = 0;
        let some: Point[] = [];
        for (const point of randomPoints(varied, experiment.seed)) {
          done += 1;
          if (isValid(point)) some.push(point);
          if (some.length < width && done < options.points) continue;
          const samples = await Promise.all(some.map((each) => explorer.sample(each, seeds[0]!)));
          for (const [index, sample] of samples.entries()) {
            const failed = failuresIn(sample);
            if (failed.length === 0)
              trials.push({ point: some[index]!, held: 1, of: 1, holds: true, metric: null });
            for (const hypothesis of failed)
              if (await fails(some[index]!, hypothesis)) return { point: some[index]!, hypothesis };
          }
          show({
            done,
            of: options.points,
            what: `${count(done)} of ${count(options.points)} random points hold`,
            leftMs: explorer.estimateMs(options.points - done),
          });
          if (done >= options.points) return undefined;
          some = [];
        }
        return undefined;
      }

      /** True if a hypothesis fails for most seeds. */
      async function fails(point: Point, hypothesis: number): Promise<boolean> {
        if (!isValid(point)) return false;
        const isMet = (sample: Sample) => failuresIn(sample).includes(hypothesis);
        const { held, of, holds, ...trial } = await tryPoint(explorer, point, {
          seeds,
          share: failing,
          isMet,
          width,
        });
        trials.push({ ...trial, held: of - held, of, holds: !holds });
        return holds;
      }
    },
  );

  function isValid(point: Point): boolean {
    try {
      subject.with(changesOf(point));
      return true;
    } catch (error) {
      if (error instanceof ExperimentError) return false;
      throw error;
    }
  }

  /** Returns what differs from the file, and the seed. */
  function changesOf(point: Point) {
    const changed = [...point.keys()].filter((index) => point[index] !== varied[index]!.original);
    const changes = changesAt(
      changed.map((index) => fields[index]!),
      changed.map((index) => point[index]!),
    );
    return new Map([...changes, ['/seed', experiment.seed]]);
  }

  function describeChanged(point: Point): string {
    const changed = [...point.keys()].filter((index) => point[index] !== varied[index]!.original);
    return changed.map((index) => describePoint([fields[index]!], [point[index]!])).join(', ');
  }
}

/** Returns the indices of the hypotheses that failed in a valid simulation. */
const failuresIn = ({ problem, hypotheses }: Sample): number[] =>
  problem === undefined ? [...hypotheses.keys()].filter((index) => hypotheses[index]!.ok === false) : [];

function commandOf(file: string, seed: number, { within, points, seeds, only }: SearchOptions): string {
  return commandLine([
    ...['search', file],
    ...within.flatMap(({ path, text }) => ['--within', `${path}=${text}`]),
    ...['--points', String(points), '--seeds', String(seeds), '--seed', String(seed)],
    ...(only ? ['--only', only.join(',')] : []),
  ]);
}
