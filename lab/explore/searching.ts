import { setImmediate } from 'node:timers/promises';
import { seedsOf } from '#lab/experiment/schema.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { count, plural } from '#lab/kit/text/format.ts';
import { commandLine, flagsOf } from '#lab/world/process/command-line.ts';
import { differing, refuseExisting, writeChanged } from './changed-file.ts';
import {
  type ExploreOptions,
  explore,
  type LineOf,
  planExploration,
  rangeOf,
  type Steps,
  type Vary,
} from './exploration.ts';
import type { Explorer } from './explorer.ts';
import { hasOther, type Judged, judgePoint, randomPoints, shrink } from './search.ts';
import { describePoint, type Point } from './space.ts';
import { checkPoints } from './subject.ts';
import { missesMax } from './trial.ts';

export interface SearchOptions extends ExploreOptions {
  readonly within: readonly Vary[];
  /** Number of random points. */
  readonly points: number;
  /** Changed file. @default `NAME-failing.yaml` in the current folder */
  readonly write?: string | undefined;
}

/** Least share of the seeds for which a found experiment fails, so that it also fails on sockets. */
const share = 0.8;

export type SearchPlan = ReturnType<typeof planSearch>;

/** Plans a search for values with which a hypothesis fails. Throws InputError. */
export function planSearch(given: string, options: SearchOptions, lineOf: LineOf) {
  const plan = planExploration({ file: given, option: '--within', vary: options.within, lineOf }, options);
  const { subject, fields } = plan;
  const { name, file, experiment } = subject.file;
  if (experiment.hypothesis.length === 0)
    throw new InputError(`${file}: expected a hypothesis, since search looks for one that fails`);
  const varied = options.within.map(({ text }, index) => ({
    range: rangeOf('--within', text, fields[index]!, subject),
    original: fields[index]!.original,
  }));
  for (const [index, { path, original }] of fields.entries())
    if (!hasOther(varied[index]!))
      throw new InputError(`--within ${path}: expected a value other than ${original}, as in the file`);
  const base = varied.map(({ original, range }) => original ?? range.from);
  // Together the ends of several ranges may be invalid, so each is checked alone.
  const ends = varied.flatMap(({ range }, index) => [
    base.with(index, range.from),
    base.with(index, range.to),
  ]);
  checkPoints(plan, '--within', ends);
  const seeds = seedsOf({ seed: experiment.seed, repeat: options.seeds });
  const most = missesMax(seeds.length, share);
  const target = options.write ?? `${name}-failing.yaml`;
  refuseExisting(target);
  return {
    ...{ ...plan, varied, base, points: options.points, target },
    // If a hypothesis holds for the `first` seeds, too few are left to fail.
    ...{ seeds, failing: seeds.length - most, first: most + 1 },
  };
}

type OnProgress = (steps: Steps) => void;

/**
 * Searches settings with which a hypothesis fails, and writes a file with them. Resolves with what to say, and the exit
 * code. Throws InputError.
 */
export const runSearch = (plan: SearchPlan, onProgress: OnProgress, signal: AbortSignal) =>
  explore(plan, signal, (explorer) => conduct(plan, onProgress, explorer, signal));

async function conduct(
  plan: SearchPlan,
  onProgress: OnProgress,
  explorer: Explorer,
  signal: AbortSignal,
): Promise<{ text: string; exitCode: number }> {
  const { subject, seeds, fields, varied, base, target, only, command } = plan;
  const { hypothesis: texts } = subject.file.experiment;
  const unchanged = await judgePoint(explorer, base, { ...plan, first: seeds.length });
  const already = failingAt(plan, unchanged);
  if (already >= 0)
    throw new InputError(`${subject.file.file}: fails already without a change: ${texts[already]}`);
  if (unchanged.outcome === 'invalid')
    throw new InputError(`${subject.file.file}: has no verdict even without a change: ${unchanged.problem}`);
  const tried = new Map<string, Promise<Judged>>();
  const judge = (point: Point): Promise<Judged> => {
    const judged = tried.get(String(point)) ?? judgedAt(plan, explorer, point);
    tried.set(String(point), judged);
    return judged;
  };
  const found = await findFailing(plan, judge, explorer, onProgress, signal);
  if (!found) {
    const all = await Promise.all(tried.values());
    const isInvalid = all.some(({ outcome }) => outcome === 'invalid');
    return { text: nothingIn(plan, all), exitCode: isInvalid ? exitCodes.invalid : exitCodes.held };
  }
  const hypothesis = failingAt(plan, found);
  const point = await shrink(varied, found.point, async (each) => {
    const { failures } = await judge(each);
    return (failures[hypothesis] ?? 0) >= plan.failing;
  });
  const failsFor = (at: Point, seed: number) =>
    explorer.known(at, seed)!.hypotheses[hypothesis]!.ok === false;
  const failed = seeds.filter((seed) => failsFor(point, seed));
  // More seeds fail with the change than without.
  const seed = failed.find((each) => !failsFor(base, each))!;
  const { values, lines } = differing(fields, point);
  const without = unchanged.failures[hypothesis]!;
  const finding = `With ${describeChanges(plan, point)} and seed ${seed} a hypothesis fails: ${texts[hypothesis]}`;
  const often = `It fails for ${failed.length} of ${plural(seeds.length, 'seed')}, without the change for ${without}.`;
  await writeChanged(target, subject.file, {
    ...{ command, values: new Map([...values, ['/seed', seed]]), lines: [...lines, `seed is ${seed}`] },
  });
  const run = commandLine(['run', ...flagsOf({ 'slow-motion': 'auto', only: only?.join(',') }), target]);
  const text = `${finding}\n${often}\nFile: ${target}\nRun it on sockets: ${run}`;
  return { text, exitCode: exitCodes.failed };
}

/** Returns the index of the first hypothesis that fails for enough seeds, or -1. */
const failingAt = ({ failing }: SearchPlan, { failures }: Judged): number =>
  failures.findIndex((failed) => failed >= failing);

function nothingIn(plan: SearchPlan, tried: readonly Judged[]): string {
  const { failing, seeds } = plan;
  const of = (outcome: Judged['outcome']) => tried.filter((each) => each.outcome === outcome);
  const parts = [
    ['held', of('held')],
    ['failed for fewer seeds', of('failed')],
    ['not judged', of('invalid')],
    ['refused', of('refused')],
  ] as const;
  const counts = parts.filter(([, { length }]) => length > 0);
  const invalid = of('invalid')[0];
  return [
    `No hypothesis fails for ${failing} of ${plural(seeds.length, 'seed')} at a judged point.`,
    ` ${plural(tried.length, 'different point')}: ${counts.map(([what, { length }]) => `${count(length)} ${what}`).join(', ')}.`,
    ...(invalid ? [`\nNot judged: ${describeChanges(plan, invalid.point)}: ${invalid.problem}`] : []),
  ].join('');
}

/** Judges a point, if the file can have its values. */
async function judgedAt(plan: SearchPlan, explorer: Explorer, point: Point): Promise<Judged> {
  const isRefused = plan.subject.problemWith(differing(plan.fields, point).values) !== undefined;
  return isRefused ? { point, outcome: 'refused', failures: [] } : judgePoint(explorer, point, plan);
}

/** Tries random points, several at a time. Resolves with the first at which a hypothesis fails for most seeds. */
async function findFailing(
  plan: SearchPlan,
  judge: (point: Point) => Promise<Judged>,
  { width, estimateMs }: Explorer,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Judged | undefined> {
  const { varied, subject, points: of, first } = plan;
  const random = randomPoints(varied, subject.file.experiment.seed);
  for (let done = 0; done < of; ) {
    const some = Array.from({ length: Math.min(width, of - done) }, () => random.next().value);
    const judged = await Promise.all(some.map(judge));
    const failing = judged.find((each) => failingAt(plan, each) >= 0);
    if (failing) return failing;
    done += some.length;
    onProgress({ done, of, leftMs: estimateMs(first * (of - done)) });
    await setImmediate(); // points that are refused or known take no other turn, and Ctrl-C needs one
    signal.throwIfAborted();
  }
  return undefined;
}

function describeChanges({ fields }: SearchPlan, point: Point): string {
  const changed = [...fields.keys()].filter((index) => point[index] !== fields[index]!.original);
  return describePoint(
    changed.map((index) => fields[index]!),
    changed.map((index) => point[index]!),
  );
}
