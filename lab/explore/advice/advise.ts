import { escapePointer } from '#kit/schema/problems.ts';
import type { Conducted } from '#lab/conduct/conduct.ts';
import type { Plan } from '#lab/conduct/plan.ts';
import { withChanges } from '#lab/experiment/field.ts';
import { ceilingOf } from '#lab/experiment/limits/ceiling.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { ExperimentError, type ExperimentFile, readSource } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import { onThreads } from '#lab/explore/prediction/predict.ts';
import { disturbedIn, isWhole } from '#lab/judge/result/facts.ts';
import type { Advice, Result } from '#lab/judge/result/result.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { durationMs, phaseSpans } from '#load/phases.ts';
import { pairsOf, type Remedy, remediesFor, type Written } from './remedies.ts';

/** Seeds that no search has seen, with all of which a change must help. */
const freshSeeds = 5;
/** Number of changes of which all pairs are tried. */
const pairedMax = 9;
/** Longest real time of a search after a run. */
const searchMsMax = 20_000;
/** Part of a change's goodput that the same change of a number must reach with a lower one. */
const alike = 0.95;
/** Share of the ceiling below which a variant is sick, and from which it is well. */
const [sickBelow, wellFrom] = [0.5, 0.7];

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
export function healthOf(experiment: Experiment, name: string, figures: Figures) {
  const { name: window, span } = endOf(experiment);
  const of = (metric: 'goodput' | 'metastable' | 'collapsed', where?: string) =>
    valueIn({ figures }, name, metric, where) ?? 0;
  const goodput = of('goodput', window);
  const share = goodput / (ceilingOf(experiment, experiment.variants[name]!, span) || 1);
  const isDown = of('metastable') > 0.5 || of('collapsed') > 0.5;
  return { window, goodput, isSick: isDown || share < sickBelow, isWell: !isDown && share >= wellFrom };
}

/** Adds advice to the result of a run. Leaves out disturbed variants, whose figures may have other causes. */
export async function withAdvice(
  plan: Plan,
  { file, result }: Conducted,
  searchMs = searchMsMax,
): Promise<Result> {
  const { world, withoutFaults, signal, onProgress } = plan;
  const isOurs = world.isSimulated || world.incomparable === undefined;
  if (!isOurs || withoutFaults || !isWhole(result) || result.status === 'interrupted') return result;
  const disturbed = disturbedIn(result);
  const sick = result.variants
    .map(({ name }) => name)
    .filter((name) => !disturbed.includes(name) && healthOf(file.experiment, name, result.figures).isSick);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(searchMs)]);
  const advised = await advise(file, sick, limit, (advised, tried) =>
    onProgress({ stage: 'advice', advised, tried }),
  );
  const advice = advised.map(({ values: _, ...each }) => each);
  return advice.length > 0 ? { ...result, advice } : result;
}

/**
 * Searches advice on all cores. Once the signal aborts, resolves with what was found until then, and says of the other
 * variants that their search was cut off. Empty if the experiment can't be simulated.
 */
export async function advise(
  file: ExperimentFile,
  names: readonly string[],
  signal: AbortSignal,
  onTried: (variant: string, tried: number) => void,
): Promise<Advised[]> {
  const { variants } = file.experiment;
  const advisable = names.filter((name) => variants[name]!.client === undefined);
  if (advisable.length === 0 || unsimulated(file.experiment).length > 0) return [];
  const found = new Map<string, Advised | undefined>(
    advisable.map((variant) => [variant, { variant, tried: 0, isCutOff: true, values: new Map() }]),
  );
  const search = onThreads(signal, async (ask, width) => {
    for (const name of advisable) {
      const on = {
        tried(tried: number) {
          const before = found.get(name);
          if (before?.isCutOff) found.set(name, { ...before, tried });
          onTried(name, tried);
        },
        found: (advised: Advised) => void found.set(name, advised),
      };
      found.set(name, await adviseOn(file, name, (experiment) => ask({ experiment }), width, on));
    }
  });
  await search.catch((error) => {
    if (!signal.aborted) throw error;
  });
  return [...found.values()].filter((each) => each !== undefined);
}

interface Listener {
  tried(tried: number): void;
  /** Called with advice that holds, before a lower number is tried. */
  found(advised: Advised): void;
}

/** Simulates an experiment of one variant. Resolves with null if its figures don't count. */
type Simulate = (experiment: Experiment) => Promise<Figures | null>;

/**
 * Searches the smallest change that would have saved a variant: of one field, then two of the best, with the
 * experiment's seed, confirmed with fresh ones. Undefined if a simulation does well, or if code of the user decides.
 */
export async function adviseOn(
  text: ExperimentFile,
  variant: string,
  simulate: Simulate,
  width = 1,
  on?: Listener,
): Promise<Advised | undefined> {
  const { file, value, reread } = readSource(text, {
    instead: { repeat: 1, slowMotion: 1 },
    only: [variant],
  });
  const own = file.experiment.variants[variant]!;
  if (own.client !== undefined) return undefined;
  const at = `/variants/${escapePointer(variant)}`;
  const { variants } = value as { variants: Record<string, Written> };
  /** Returns experiments with changes, but those that would be invalid. */
  const changed = (remedies: readonly Remedy[]) =>
    remedies.flatMap((remedy) => {
      const inVariant = [...remedy.values(variants[variant]!)];
      const values = new Map(inVariant.map(([pointer, to]) => [at + pointer, to]));
      try {
        return { remedy, values, experiment: reread(withChanges(value, values)).experiment };
      } catch (error) {
        if (error instanceof ExperimentError) return [];
        throw error;
      }
    });
  const [seed = 1, ...fresh] = seedsOf({ seed: text.experiment.seed, repeat: 1 + freshSeeds });
  const healthWith = async (experiment: Experiment, seed: number) => {
    const figures = await simulate({ ...experiment, seed, hypothesis: [], steadyState: [] });
    return figures ? healthOf(experiment, variant, figures) : undefined;
  };
  const before = await healthWith(file.experiment, seed);
  if (!before?.isSick) return undefined;
  const { window, goodput } = before;
  const known = { variant, ...(window !== undefined && { window }), before: goodput };
  const goodputs = new Map<Remedy, number>();
  const search = async (remedies: readonly Remedy[], least = 0): Promise<Advised | undefined> => {
    const isGood = (health?: ReturnType<typeof healthOf>) => health?.isWell && health.goodput >= least;
    const all = changed(remedies);
    for (let first = 0; first < all.length; first += width) {
      const some = all.slice(first, first + width);
      const healths = await Promise.all(some.map(({ experiment }) => healthWith(experiment, seed)));
      for (const [index, { remedy }] of some.entries()) goodputs.set(remedy, healths[index]?.goodput ?? 0);
      on?.tried(goodputs.size);
      for (const { remedy, values, experiment } of some.filter((_, index) => isGood(healths[index]))) {
        const again = await Promise.all(fresh.map((each) => healthWith(experiment, each)));
        if (!again.every(isGood)) continue;
        const found = {
          ...{ ...known, change: remedy.words, seeds: freshSeeds, tried: goodputs.size, values },
          after: again.reduce((sum, each) => sum + each!.goodput, 0) / freshSeeds,
        };
        on?.found(found);
        const lower = await search(remedy.lower ?? [], alike * found.after);
        return lower ?? { ...found, tried: goodputs.size };
      }
    }
    return undefined;
  };
  const found = await search(remediesFor(file.experiment, own));
  if (found) return found;
  const best = [...goodputs.keys()].toSorted((a, b) => goodputs.get(b)! - goodputs.get(a)!);
  const pair = await search(pairsOf(best.slice(0, pairedMax)));
  return pair ?? { ...known, tried: goodputs.size, values: new Map() };
}
