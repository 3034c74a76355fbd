import type { KeptEvidence, Store } from '#lab/evidence/store.ts';
import { programOf } from '#lab/experiment/programs.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { askClientThread } from '#lab/world/simulated/client/thread.ts';
import type { Simulation } from '#lab/world/simulation.ts';
import type { Stopwatch, World } from '#lab/world/world.ts';
import type { EndProgress, OnStage, Run } from './variant-testbed.ts';

export interface ApartTask extends Pick<Run, 'slowMotion' | 'withoutFaults' | 'samples'> {
  readonly experiment: Experiment;
  readonly name: string;
  readonly path: string;
  readonly simulation: Simulation;
  /** Folder for the evidence. Without it, the answer has the evidence. */
  readonly folder: string | undefined;
}

/** Last progress of the variant, and the virtual time that it took. */
export interface ApartAnswer {
  readonly end: EndProgress;
  readonly evidence?: KeptEvidence | undefined;
  readonly tookMs: number;
}

export type ApartPart = Parameters<OnStage>;

/** Conducts a variant with its client, which `pathOf` returns, in a thread whose time and chance are virtual. */
export const apartBy =
  (
    { simulation = {} }: Pick<World, 'simulation'>,
    pathOf: (variant: string) => string,
    stopwatch?: Stopwatch,
  ) =>
  async (run: Run, name: string, store: Store, onProgress: OnStage): Promise<EndProgress> => {
    const { experiment, slowMotion, withoutFaults, samples, signal } = run;
    const how = { simulation, slowMotion, withoutFaults, samples };
    const { end, evidence, tookMs } = await askClientThread<ApartTask, ApartAnswer, ApartPart>(
      labProgram('client-thread'),
      { experiment, name, path: pathOf(name), folder: store.folder, ...how },
      { signal, onPart: (part) => onProgress(...part) },
    );
    if (evidence) store.keep!(evidence);
    stopwatch?.add(tookMs);
    return end;
  };

/** Returns the path of a variant's client; undefined if it has none. Throws InputError. */
export function clientIn({ file, experiment }: ExperimentFile, variant: string): string | undefined {
  const program = programOf(file, experiment.variants[variant]!);
  return program && 'client' in program ? program.client : undefined;
}
