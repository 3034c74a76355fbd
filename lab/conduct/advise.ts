import { systemClock } from '#kit/clock.ts';
import { withValues } from '#lab/experiment/file/edit.ts';
import { ceilingOf } from '#lab/experiment/limits/ceiling.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { ExperimentError, type ExperimentFile, readSource } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import { disturbedIn } from '#lab/judge/result/facts.ts';
import type { Advice, Result } from '#lab/judge/result/result.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { durationMs, phaseSpans } from '#load/phases.ts';
import type { Plan } from './plan.ts';
import type { SimulationTask } from './predict.ts';
import { type Remedy, remediesFor, type Written } from './remedies.ts';
import { Threads } from './threads.ts';

/** Seeds that no search has seen, with all of which a change must help. */
const freshSeeds = 5;
/** Longest real time of a search after a run. */
const searchMsMax = 20_000;
/** Share of the ceiling below which a variant is sick, and from which it is well. */
const [sickBelow, wellFrom] = [0.5, 0.7];

/** Advice, with the values that follow it. */
export interface Advised extends Advice {
  readonly values: ReadonlyMap<string, unknown>;
}

type Figures = readonly Figure[];

/** Returns the last part of a load: its last phase, or what follows its last fault. Its name is undefined for the whole. */
function endOf({ load, faults }: Experiment) {
  const untilMs = durationMs(load);
  const phases = load.length > 1 ? phaseSpans(load) : [];
  const parts = [
    { name: undefined, fromMs: 0 },
    ...phases.map(({ name, span }) => ({ name: `phase ${name}`, fromMs: span.fromMs })),
    ...faults.map(({ name, atMs, forMs }) => ({ name: `after ${name}`, fromMs: atMs + forMs })),
  ];
  const last = parts.filter(({ fromMs }) => fromMs < untilMs).toSorted((a, b) => b.fromMs - a.fromMs)[0]!;
  return { ...last, span: { fromMs: last.fromMs, untilMs } };
}

/** Returns how a variant does at the end, as a share of what is possible, and what is wrong with it. */
function healthOf(experiment: Experiment, name: string, figures: Figures) {
  const { name: window, span } = endOf(experiment);
  const of = (metric: 'goodput' | 'metastable' | 'collapsed', where?: string) =>
    valueIn({ figures }, name, metric, where) ?? 0;
  const goodput = of('goodput', window);
  const share = goodput / (ceilingOf(experiment, experiment.variants[name]!, span) || 1);
  const isDown = of('metastable') > 0.5 || of('collapsed') > 0.5;
  return { window, goodput, isSick: isDown || share < sickBelow, isWell: !isDown && share >= wellFrom };
}

/** Adds advice to the result of a run. Leaves out disturbed variants, whose figures may have other causes. */
export async function withAdvice(plan: Plan, result: Result): Promise<Result> {
  const { file, world, withoutFaults, signal } = plan;
  const isOurs = world.isSimulated || world.incomparable === undefined;
  if (!isOurs || withoutFaults || result.errors.length > 0 || result.status === 'interrupted') return result;
  const disturbed = disturbedIn(result);
  const sick = result.variants
    .map(({ name }) => name)
    .filter((name) => !disturbed.includes(name) && healthOf(file.experiment, name, result.figures).isSick);
  const advised = await advise(file, sick, signal, searchMsMax);
  const advice = advised.map(({ values: _, ...each }) => each);
  return advice.length > 0 ? { ...result, advice } : result;
}

/**
 * Advises on variants with simulations on all cores. Empty if the experiment can't be simulated, or if the signal aborts.
 */
export async function advise(
  file: ExperimentFile,
  names: readonly string[],
  signal: AbortSignal,
  limitMs = Infinity,
): Promise<Advised[]> {
  if (names.length === 0 || unsimulated(file.experiment).length > 0) return [];
  const threads = new Threads<SimulationTask, Figures | null>(labProgram('predict-thread'));
  const stop = () => void threads.close();
  signal.addEventListener('abort', stop);
  const simulate: Simulate = (experiment) =>
    threads.ask({ experiment, overheads: {}, slowMotion: 1, withoutFaults: false });
  const endsAtMs = systemClock.now() + limitMs;
  const isOver = () => systemClock.now() > endsAtMs;
  try {
    const found: Advised[] = [];
    for (const name of names)
      if (!isOver()) found.push(...(await adviseOn(file, name, simulate, { width: threads.size, isOver })));
    return found;
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await threads.close();
  }
}

/** Simulates an experiment of one variant. Resolves with null if its figures don't count. */
type Simulate = (experiment: Experiment) => Promise<Figures | null>;

interface SearchOptions {
  /** Number of simulations at a time. */
  readonly width?: number;
  /** Returns true once no further change is to be tried. */
  readonly isOver?: () => boolean;
}

/**
 * Searches the smallest change that would have saved a variant. Tries changes with the experiment's seed, several at a
 * time, and confirms the first that helps with fresh seeds. Empty if the variant does well in a simulation, or if nothing
 * helped but not all could be tried.
 */
export async function adviseOn(
  file: ExperimentFile,
  variant: string,
  simulate: Simulate,
  { width = 1, isOver = () => false }: SearchOptions = {},
): Promise<Advised[]> {
  const [seed = 1, ...fresh] = seedsOf({ seed: file.experiment.seed, repeat: 1 + freshSeeds });
  const tryWith = async (values: ReadonlyMap<string, unknown>, seed: number) => {
    const read = changed(file, variant, values);
    if (!read) return undefined;
    const experiment = { ...read, seed, hypothesis: [], steadyState: [] };
    const figures = await simulate(experiment);
    return figures ? healthOf(experiment, variant, figures) : undefined;
  };
  const before = await tryWith(new Map(), seed);
  if (!before?.isSick) return [];
  const { window, goodput } = before;
  const known = { variant, ...(window !== undefined && { window }), before: goodput };
  const remedies = remediesIn(file, variant);
  let first = 0;
  let isKnown = true;
  for (; first < remedies.length && !isOver(); first += width) {
    const some = remedies.slice(first, first + width);
    const tried = await Promise.all(some.map(({ values }) => tryWith(values, seed)));
    // Some changes can't be written, as one of policies with anchors that other variants refer to.
    isKnown &&= !tried.includes(undefined);
    for (const { words, values } of some.filter((_, index) => tried[index]?.isWell)) {
      const again = await Promise.all(fresh.map((each) => tryWith(values, each)));
      if (!again.every((each) => each?.isWell)) continue;
      const after = again.reduce((sum, each) => sum + each!.goodput, 0) / freshSeeds;
      return [{ ...known, change: words, after, seeds: freshSeeds, tried: first + some.length, values }];
    }
  }
  const isComplete = isKnown && first >= remedies.length;
  return isComplete ? [{ ...known, tried: remedies.length, values: new Map() }] : [];
}

/** Returns the experiment with one variant, and with changed values; undefined if it is not valid. */
function changed(file: ExperimentFile, variant: string, values: ReadonlyMap<string, unknown>) {
  try {
    return readSource({ ...file, source: withValues(file.source, values) }, alone(variant)).file.experiment;
  } catch (error) {
    if (error instanceof ExperimentError) return undefined;
    throw error;
  }
}

function remediesIn(text: ExperimentFile, variant: string): Remedy[] {
  const { value, file } = readSource(text, alone(variant));
  const { variants } = value as { variants: Record<string, { policies?: Written }> };
  return remediesFor(file.experiment, variant, variants[variant]!.policies ?? []);
}

const alone = (variant: string) => ({ instead: { repeat: 1, slowMotion: 1 }, only: [variant] });
