import { clientIn } from '#lab/conduct/apart.ts';
import { evidenceVersion } from '#lab/evidence/format.ts';
import type { Overhead, SimulationEvidence } from '#lab/evidence/simulations.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import { Threads } from '#lab/explore/threads.ts';
import { mean } from '#lab/judge/means.ts';
import type { StallResult, VariantResult } from '#lab/judge/result/result.ts';
import { simulatedMetrics } from '#lab/judge/simulations.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import type { Overheads } from '#lab/world/simulation.ts';

/** Number of simulated seeds: the experiment's own and the following ones. */
const seedCount = 10;

export interface SimulationTask {
  readonly experiment: Experiment;
  /** Overheads of hops, in virtual time. @default none */
  readonly overheads?: Overheads;
  /** Factor by which the virtual time is longer than the experiment's own time. @default 1 */
  readonly slowMotion?: number;
  readonly withoutFaults?: boolean;
  readonly stalls?: readonly StallResult[] | undefined;
  readonly client?: string | undefined;
}

/** Simulates a variant with a seed and an overhead per hop. Resolves with null if its figures don't count. */
export type Simulated = (
  name: string,
  seed: number,
  overhead: Overhead | null,
  stalls?: readonly StallResult[],
) => Promise<readonly Figure[] | null>;

interface PredictOptions {
  /** Overhead per hop of each measured variant, in the experiment's own time; null if it is unknown. */
  readonly overheads: ReadonlyMap<string, Overhead | null>;
  /** Factor of run and simulations, since e.g. a reconnect lasts as long at each. @default 1 */
  readonly slowMotion?: number | undefined;
  readonly withoutFaults?: boolean | undefined;
  /** Returns the hypotheses that no stall decides, from the simulations so far and from further ones. */
  readonly acquit?: (evidence: SimulationEvidence, simulated: Simulated) => Promise<string[]>;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, of: number) => void;
}

/** Simulates the measured variants on all cores. Rejects with the signal's reason, or if a thread fails. */
export async function predict(file: ExperimentFile, options: PredictOptions): Promise<SimulationEvidence> {
  const { overheads, withoutFaults = false, slowMotion = 1 } = options;
  const { acquit = async () => [], signal, onProgress } = options;
  const experiment: Experiment = { ...file.experiment, repeat: 1, slowMotion: 1 };
  const seeds = seedsOf({ seed: experiment.seed, repeat: seedCount });
  const [problem] = unsimulated(experiment);
  if (problem) return notSimulated(experiment, sentence(problem));

  return onThreads(signal, async (ask) => {
    let done = 0;
    let of = 0;
    const simulated: Simulated = async (name, seed, overhead, stalls) => {
      of += 1;
      const client = clientIn(file, name);
      const alone = { ...onlyVariants(experiment, [name]).experiment, hypothesis: [], seed };
      const one = { experiment: alone, stalls, client };
      const overheads = slowedOverhead(overhead ?? {}, slowMotion);
      const result = await ask({ ...one, overheads, slowMotion, withoutFaults });
      onProgress(++done, of);
      return result;
    };
    const columnOf = (name: string, overhead: Overhead | null) =>
      Promise.all(seeds.map(async (seed) => valuesOf(name, await simulated(name, seed, overhead))));
    const variants = [...overheads].map(async ([name, overhead]) => {
      const [ideal, withOverhead] = await Promise.all([
        columnOf(name, null),
        overhead ? columnOf(name, overhead) : [],
      ]);
      return { name, overhead, ideal, withOverhead };
    });
    onProgress(0, of);
    const simulations: SimulationEvidence = {
      version: evidenceVersion,
      deadlineMs: experiment.deadlineMs,
      seeds,
      variants: await Promise.all(variants),
    };
    const acquitted = await acquit(simulations, simulated);
    return { ...simulations, ...(acquitted.length > 0 && { acquitted }) };
  });
}

/** Calls `act` with simulations on threads, and their number. Once the signal aborts, they reject with its reason. */
export function onThreads<T>(
  signal: AbortSignal,
  act: (ask: (task: SimulationTask) => Promise<readonly Figure[] | null>, width: number) => Promise<T>,
): Promise<T> {
  const threads = new Threads<SimulationTask, readonly Figure[] | null>(labProgram('predict-thread'));
  return threads.during(signal, () => act((task) => threads.ask(task), threads.size));
}

/** Values by metric; null if the simulation ended early. */
const valuesOf = (name: string, figures: readonly Figure[] | null) =>
  figures &&
  Object.fromEntries(simulatedMetrics.map((metric) => [metric, valueIn({ figures }, name, metric)]));

/** Returns the overhead of each variant, in the mean over its rounds; null if it is unknown in one. */
export function overheadsOf(variants: readonly VariantResult[]): Map<string, Overhead | null> {
  const entries = [...Map.groupBy(variants, ({ name }) => name)].map(([name, rounds]) => {
    const known = rounds.flatMap(({ self }) => self.overhead ?? []);
    return [name, known.length < rounds.length ? null : mean(known)] as const;
  });
  return new Map(entries);
}

const slowedOverhead = (overhead: Partial<Overhead>, factor: number): Overheads =>
  Object.fromEntries(Object.entries(overhead).map(([hop, ms]) => [hop, factor * ms]));

export const notSimulated = (
  { deadlineMs }: Pick<Experiment, 'deadlineMs'>,
  reason: string,
): SimulationEvidence => ({
  version: evidenceVersion,
  deadlineMs,
  seeds: [],
  reason,
  variants: [],
});

const sentence = ({ message }: LocatedProblem): string =>
  `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
