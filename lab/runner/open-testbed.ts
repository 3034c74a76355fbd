import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '#kit/clock.ts';
import { urlsIn } from '#kit/urls.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { openBroker } from '#lab/testbed/broker.ts';
import { Control, type Controls, controlsOf } from '#lab/testbed/control.ts';
import { aborted } from '#lab/testbed/process/aborted.ts';
import type { Engine, Testbed } from '#lab/testbed/testbed.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import type { Counts } from '#load/protocol.ts';
import { Announcement } from './announcement.ts';
import { Generator } from './generator.ts';

/** What the variants of a run share. */
export interface OpenTestbed {
  readonly experiment: Experiment;
  readonly testbed: Testbed;
  readonly controls: Controls;
  readonly generator: Generator;
  readonly announcement: Announcement;
  readonly broker: NatsConnection;
  /** The run's folder; raw data go into one per variant. */
  readonly folder: string;
  /** Paths that have been warmed up in this run, each with its HTTP client. */
  readonly warmed: Set<string>;
  /** For a control: each fault has its time, and does nothing. */
  readonly withoutFaults: boolean;
  /** Factor of all durations of the experiment while it is conducted. */
  readonly slowMotion: number;
  /** Why a fault could not be mended. */
  readonly uncleared: unknown[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Services that are not Spillway's. */
export const foreignOn = ({ testbed }: Pick<OpenTestbed, 'testbed'>): ServiceName[] =>
  serviceNames.filter((name) => testbed.control[name] === undefined);

/** How far a stage is, in real time. */
export interface StageProgress {
  readonly elapsedMs: number;
  /** Elapsed time at which the stage ends at the latest. */
  readonly maxMs: number;
  /** Undefined at the start, and while services recover. */
  readonly inFlight?: number;
  /** Counts of the requests sent in this stage. */
  readonly counts?: Counts;
}

/** The bench while one variant is on it. */
export interface VariantTestbed extends OpenTestbed {
  readonly onProgress: (stage: 'warm-up' | 'run' | 'drain', progress?: StageProgress) => void;
}

interface Options {
  readonly folder: string;
  readonly startTestbed: Engine['start'];
  readonly withoutFaults?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Starts a testbed and what works on it. Rejects with nothing left running. */
export async function openTestbed(experiment: Experiment, options: Options): Promise<OpenTestbed> {
  const logFolder = join(options.folder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const testbed = await options.startTestbed(logFolder, options.signal, experiment);
  try {
    return {
      experiment,
      testbed,
      controls: controlsOf(testbed),
      broker: await openBroker(testbed, testbed.died, aborted(options.signal)),
      // One is enough for whoever watches.
      announcement: new Announcement(
        new Control('downstream', urlsIn(testbed.control.downstream)[0]!, testbed.controlToken),
        options.clock,
      ),
      generator: new Generator(join(logFolder, 'generator.log'), testbed.guard),
      folder: options.folder,
      warmed: new Set(),
      withoutFaults: options.withoutFaults ?? false,
      slowMotion: 1,
      uncleared: [],
      clock: options.clock,
      signal: options.signal,
    };
  } catch (error) {
    await testbed.stop().catch(() => undefined); // the first reason is the one to tell
    throw error;
  }
}

/** Stops everything, the testbed last. */
export async function closeTestbed({
  announcement,
  generator,
  broker,
  controls,
  testbed,
}: OpenTestbed): Promise<void> {
  await generator.stop();
  await announcement.stop();
  await broker.close();
  await Promise.all(Object.values(controls).map((control) => control?.close()));
  await testbed.stop();
}
