import type { Broker } from '#kit/broker/client.ts';
import type { Clock } from '#kit/clock.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import type { Announcement } from './announcement.ts';
import type { Controls } from './controls.ts';
import type { LoadGenerator } from './generator.ts';
import type { Simulation } from './simulation.ts';
import type { Testbed } from './testbed.ts';

/** Place in which experiments are conducted: processes on sockets, or a simulation. */
export interface World {
  readonly name: string;
  readonly isSimulated?: boolean;
  /** Simulation that a thread can repeat. */
  readonly simulation?: Simulation;
  readonly unsupported: (experiment: Experiment) => LocatedProblem[];
  /** Explains why it can't run in slow motion. Undefined if it can. */
  readonly atFullSpeedOnly?: string | undefined;
  /** Explains why its figures can't be compared with simulations. Undefined if they can. */
  readonly incomparable?: string | undefined;
  readonly stopwatch: () => Stopwatch;
  /** Opens the testbeds of a run. After a rejection, nothing is left running. */
  readonly open: (run: OpenRun) => Promise<Testbeds>;
}

/** Time since its start, in ms. */
export interface Stopwatch {
  now(): number;
  /** Adds time that passed on a virtual clock. Real time passes by itself. */
  add(ms: number): void;
}

/** Part of a run's plan that a world needs. */
export interface OpenRun {
  readonly file: Pick<ExperimentFile, 'experiment'> & Partial<Pick<ExperimentFile, 'file'>>;
  readonly folder: string;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
}

/** Testbeds of a run: one that all variants share, or a new one for each. */
export interface Testbeds {
  /** Version of nats-server; empty if none runs. */
  readonly nats: string;
  readonly foreign: readonly ServiceName[];
  /** Calls `act` with the testbed of a variant, and settles like it. */
  with<T>(conditions: Conditions, act: (testbed: OpenTestbed) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Conditions {
  readonly variant: string;
  /** Factor by which all durations are longer. */
  readonly slowMotion: number;
  readonly store: Store;
}

/** A running testbed with its control ports, broker connection and load generator. */
export interface OpenTestbed {
  readonly testbed: Omit<Testbed, 'guard' | 'stop'>;
  readonly controls: Controls;
  readonly generator: LoadGenerator;
  readonly announcement: Pick<Announcement, 'begin' | 'counted' | 'faultsChanged' | 'over'>;
  readonly broker: Broker;
  readonly clock: Clock;
  /** Id of the clock, if the system has one. */
  readonly clockId?: string | undefined;
  /** True if the caller of downstream has just been started, so that its code is cold. */
  readonly isCold?: boolean | undefined;
  /** True if all processes have the lab's clock, and their logs are never damaged. */
  readonly inProcess: boolean;
  /** Waits for real work. A virtual clock stands still until the work is done. */
  readonly offline: <T>(work: Promise<T>) => Promise<T>;
  /** Longest wait until services are idle or recovered after the drain. @default the experiment's `drainMs` */
  readonly idleMaxMs?: number | undefined;
}
