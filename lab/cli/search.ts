import { dirname, join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { version } from '#kit/process/installation.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import type { Changes } from '#lab/experiment/field.ts';
import { ExperimentError, textOf } from '#lab/experiment/read.ts';
import { seedsOf } from '#lab/experiment/schema.ts';
import { changedText } from '#lab/explore/changed-text.ts';
import { randomPoints, shrink } from '#lab/explore/search.ts';
import { describePoint, type Point } from '#lab/explore/space.ts';
import { checkPoints, fieldsAt, openSubject } from '#lab/explore/subject.ts';
import { type Trial, tryPoint } from '#lab/explore/trial.ts';
import type { Sample } from '#lab/runner/sample.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { count, plain } from '#lab/text/format.ts';
import { refuseExisting, writeNew } from './changed-file.ts';
import { type Exploration, explore, rangeOf } from './explore.ts';
import { clear } from './progress.ts';
import { writeWhole } from './run-folder.ts';
import { stepsTo } from './steps.ts';
import { warn } from './validate.ts';
import { pathsIn, type Vary } from './vary.ts';

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
  const plan = planOf(given, options);
  refuseExisting(plan.target);
  warn([plan.subject.file]);
  return explore({ ...plan, kind: 'search', out: options.out }, async (exploration) => {
    try {
      return await conduct(plan, exploration);
    } catch (error) {
      if (!exploration.signal.aborted) throw error;
      return exitCodes.interrupted;
    }
  });
}

type Plan = ReturnType<typeof planOf>;

/** Checks the command line. */
function planOf(given: string, options: SearchOptions) {
  const subjectOptions = { text: textOf(given), only: options.only, seed: options.seed };
  const subject = openSubject(subjectOptions);
  const { name, file, experiment } = subject.file;
  if (subject.hypotheses.length === 0)
    throw new InputError(`${file}: expected a hypothesis, since search looks for one that fails`);
  const fields = fieldsAt(subject, '--within', pathsIn(options.within));
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
  const seeds = seedsOf({ seed: experiment.seed, repeat: options.seeds });
  return {
    ...{ subject, fields, varied, base, seeds, only: options.only, points: options.points },
    options: subjectOptions,
    paths: fields.map(({ path }) => path),
    target: options.write ?? `${name}-failing.yaml`,
    command: commandOf(file, experiment.seed, options),
    startedAt: wallTime().toISOString(),
  };
}

async function conduct(plan: Plan, exploration: Exploration): Promise<number> {
  const { subject, seeds, fields, varied, base, target, only } = plan;
  const { explorer } = exploration;
  const already = failuresIn(await explorer.sample(base, seeds[0]!));
  if (already.length > 0)
    throw new InputError(
      `${subject.file.file}: fails already without a change: ${subject.hypotheses[already[0]!]}`,
    );
  const folder = exploration.folder();
  const search = new Search(plan, exploration);
  const found = await search.find();
  if (process.stderr.isTTY) clear(process.stderr);
  if (!found) {
    const finding = plain(`No hypothesis fails at ${count(plan.points)} random points.`);
    await writeTrials(plan, folder, search.trials);
    process.stdout.write(`${finding}\n`);
    return exitCodes.held;
  }
  const { hypothesis } = found;
  const point = await shrink(varied, found.point, (each) => search.fails(each, hypothesis));
  const failed = seeds.filter((seed) => failuresIn(explorer.known(point, seed)).includes(hypothesis));
  const text = subject.hypotheses[hypothesis]!;
  const changed = changedText(subject, {
    by: 'search',
    folder: dirname(target),
    fields,
    point,
    seed: failed[0]!,
  });
  const finding = `With ${describeChanges(plan, point)} and seed ${failed[0]} a hypothesis fails: ${text}`;
  await writeTrials(plan, folder, search.trials, { text, point });
  await writeNew(target, changed);
  const some = only ? ['--only', only.join(',')] : [];
  const run = commandLine(['run', '--slow-motion', 'auto', ...some, target]);
  process.stdout.write(`${finding}\nFile: ${target}\nRun it on sockets: ${run}\n`);
  return exitCodes.failed;
}

class Search {
  readonly trials: Trial[] = [];
  readonly #plan: Plan;
  readonly #exploration: Exploration;

  constructor(plan: Plan, exploration: Exploration) {
    this.#plan = plan;
    this.#exploration = exploration;
  }

  /** Tries random points, several at a time. Resolves with the first at which a hypothesis fails for most seeds. */
  async find(): Promise<{ point: Point; hypothesis: number } | undefined> {
    const { varied, subject, points: of, seeds } = this.#plan;
    const { explorer, width } = this.#exploration;
    const show = stepsTo(process.stderr);
    let some: Point[] = [];
    let done = 0;
    for (const point of randomPoints(varied, subject.file.experiment.seed)) {
      done += 1;
      if (isValid(this.#plan, point)) some.push(point);
      if (some.length < width && done < of) continue;
      const samples = await Promise.all(some.map((each) => explorer.sample(each, seeds[0]!)));
      for (const [index, sample] of samples.entries()) {
        const each = some[index]!;
        const failures = failuresIn(sample);
        if (failures.length === 0)
          this.trials.push({ point: each, held: 1, of: 1, holds: true, metric: null });
        for (const hypothesis of failures)
          if (await this.fails(each, hypothesis)) return { point: each, hypothesis };
      }
      const what = `${count(done)} of ${count(of)} random points hold`;
      show({ done, of, what, leftMs: explorer.estimateMs(of - done) });
      if (done >= of) return undefined;
      some = [];
    }
    return undefined;
  }

  /** True if a hypothesis fails for most seeds. */
  async fails(point: Point, hypothesis: number): Promise<boolean> {
    if (!isValid(this.#plan, point)) return false;
    const { explorer, width } = this.#exploration;
    const isMet = (sample: Sample) => failuresIn(sample).includes(hypothesis);
    const failure = await tryPoint(explorer, point, {
      seeds: this.#plan.seeds,
      share: failing,
      isMet,
      width,
    });
    const { held: failed, of, holds: isFailing } = failure;
    this.trials.push({ point, held: of - failed, of, holds: !isFailing, metric: null });
    return isFailing;
  }
}

function isValid(plan: Plan, point: Point): boolean {
  try {
    plan.subject.with(changesOf(plan, point));
    return true;
  } catch (error) {
    if (error instanceof ExperimentError) return false;
    throw error;
  }
}

/** Returns the indices of the values that differ from the file. */
const changedIn = ({ varied }: Plan, point: Point): number[] =>
  [...point.keys()].filter((index) => point[index] !== varied[index]!.original);

const changesOf = (plan: Plan, point: Point): Changes =>
  new Map(changedIn(plan, point).flatMap((index) => [...plan.fields[index]!.changes(point[index]!)]));

const describeChanges = (plan: Plan, point: Point): string =>
  changedIn(plan, point)
    .map((index) => describePoint([plan.fields[index]!], [point[index]!]))
    .join(', ');

interface Outcome {
  /** Hypothesis that fails. */
  readonly text: string;
  readonly point: Point;
}

/** Writes `search.json`. */
async function writeTrials(
  { command, startedAt, paths }: Plan,
  folder: string,
  trials: readonly Trial[],
  found?: Outcome,
): Promise<void> {
  const what = { hypothesis: found?.text ?? null, found: found?.point ?? null };
  const result = { version: 1, spillway: version, command, startedAt, paths, trials, ...what };
  await writeWhole(join(folder, 'search.json'), `${JSON.stringify(result)}\n`);
}

/** Returns the indices of the hypotheses that failed in a valid simulation. */
function failuresIn(sample: Sample | undefined): number[] {
  if (!sample || sample.problem !== undefined) return [];
  return [...sample.hypotheses.keys()].filter((index) => sample.hypotheses[index]!.ok === false);
}

function commandOf(file: string, seed: number, { within, points, seeds, only }: SearchOptions): string {
  return commandLine([
    ...['search', file],
    ...within.flatMap(({ path, text }) => ['--within', `${path}=${text}`]),
    ...['--points', String(points), '--seeds', String(seeds), '--seed', String(seed)],
    ...(only ? ['--only', only.join(',')] : []),
  ]);
}
