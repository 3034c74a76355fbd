import { mkdirSync } from 'node:fs';
import type { Clock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { msMax } from '#lab/experiment/rules.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { ProcessName } from '#lab/experiment/topology/names.ts';
import { analyseVariant } from '#lab/judge/analyse.ts';
import type { Machine } from '#lab/judge/validity/slow-machine.ts';
import type { Result, StallResult } from '#lab/result/result.ts';
import { type Overheads, simulatedTestbed } from '#lab/world/simulated/simulated.ts';
import type { Counts } from '#load/protocol.ts';
import { Announcement } from './announcement.ts';
import { observe } from './observe.ts';
import type { VariantTestbed } from './open-testbed.ts';
import { type ConductOptions, conductVariants, logged } from './run.ts';
import { headOf } from './run-log.ts';

export interface SimulateOptions extends ConductOptions, Pick<VariantTestbed, 'idleMaxMs'> {
  readonly overheads?: Overheads | undefined;
}

/**
 * Conducts an experiment in virtual time, variant after variant, and resolves with its judged result. Each variant has
 * its own clock that begins at 0, so that its evidence doesn't depend on the variants before it.
 */
export function simulate(file: ExperimentFile, options: SimulateOptions): Promise<Result> {
  const spent = new SpentTime();
  return logged(file, options, spent, async (log) => {
    const head = headOf(file, options);
    const { machine } = head;
    log.add({ ...head, simulated: true });
    log.add({ record: 'testbed', nats: '', foreign: [] });
    const { experiment } = file;
    await conductVariants({ experiment, slowMotion: 1 }, options, log, async (name, folder, onProgress) => {
      const own = { ...options, onProgress, machine };
      const { counts, tookMs } = await simulateVariant(experiment, name, folder, own);
      spent.add(tookMs);
      return counts;
    });
  });
}

/** Simulates the only variant of an experiment, and resolves with the analysis. The folder gets the evidence. */
export async function simulateOne(
  experiment: Experiment,
  folder: string,
  options: Omit<VariantOptions, 'onProgress'>,
): ReturnType<typeof analyseVariant> {
  mkdirSync(folder, { recursive: true });
  const [name = ''] = Object.keys(experiment.variants);
  await simulateVariant(experiment, name, folder, { ...options, onProgress() {} });
  const { slowMotion = 1, machine } = options;
  return analyseVariant(experiment, { folder, name, foreign: [], slowMotion }, machine);
}

/** Clock that shows the virtual time of the completed variants or rounds. */
export class SpentTime implements Clock {
  #ms = 0;

  now(): number {
    return this.#ms;
  }

  add(ms: number): void {
    this.#ms += ms;
  }

  after(): void {}

  cancel(): void {}

  wallTime(): Date {
    return new Date(this.#ms);
  }
}

interface VariantOptions
  extends Pick<SimulateOptions, 'overheads' | 'withoutFaults' | 'signal' | 'idleMaxMs'>,
    Pick<VariantTestbed, 'onProgress' | 'samples'> {
  readonly machine: Machine;
  /** Factor by which the virtual time is longer than the experiment's own time. @default 1 */
  readonly slowMotion?: number | undefined;
  /** Stalls that the processes repeat, in the experiment's own time. */
  readonly stalls?: readonly StallResult[] | undefined;
}

async function simulateVariant(
  experiment: Experiment,
  name: string,
  folder: string,
  {
    overheads,
    withoutFaults = false,
    slowMotion = 1,
    signal,
    idleMaxMs = msMax, // waiting takes no real time
    onProgress,
    machine,
    samples,
    stalls = [],
  }: VariantOptions,
): Promise<{ counts: Counts; tookMs: number }> {
  const clock = new VirtualClock();
  const { path } = experiment.variants[name]!;
  const { testbed, controls, generator, broker } = await clock.runUntil(
    simulatedTestbed(experiment, { clock, path, folder, overheads }),
  );
  const [downstream] = controls.downstream.processes.values();
  const open: VariantTestbed = {
    ...{ experiment, testbed, controls, generator, broker, folder, machine, clock, signal, onProgress },
    announcement: new Announcement(downstream!, clock),
    warmed: new Set(),
    withoutFaults,
    slowMotion,
    isSimulated: true,
    samples,
    idleMaxMs,
    uncleared: [],
    offline: (work) => clock.hold(work),
    onStart(startedAtMs) {
      const at = (ms: number, act: () => unknown) =>
        clock.after(Math.max(0, startedAtMs + slowMotion * ms - clock.now()), act);
      for (const { process, fromMs, untilMs } of stalls) {
        const name = process === 'broker' ? 'nats' : (process as ProcessName);
        at(fromMs, () => testbed.pause(name));
        const goesOn = stalls.some(
          (other) => other.process === process && other.fromMs <= untilMs && other.untilMs > untilMs,
        );
        if (!goesOn) at(untilMs, () => testbed.resume(name));
      }
    },
  };
  try {
    const counts = await clock.runUntil(observe(open, name, folder));
    return { counts, tookMs: clock.now() };
  } finally {
    await testbed.stop();
  }
}
