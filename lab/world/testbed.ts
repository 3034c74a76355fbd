import { urlsIn } from '#kit/urls.ts';
import type { Breakable } from '#lab/experiment/faults/injectable.ts';
import type { Target } from '#lab/experiment/faults/kinds.ts';
import type { Program } from '#lab/experiment/programs.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import type { Hop } from '#lab/kit/topology/hops.ts';
import type { ProcessName, ServiceName } from '#lab/kit/topology/names.ts';
import type { callers } from '#lab/kit/topology/paths.ts';
import type { Guard } from './process/guard.ts';

/**
 * Addresses of a testbed. If a service has several processes, its URL is a list separated by commas. A URL that is
 * repeated in the list stands for several replicas behind one host name, which may be replaced at any time.
 */
export interface Addresses {
  /** Base URLs, e.g. `http://127.0.0.1:4101`. A foreign service (not Spillway's own) has none. */
  readonly control: Readonly<Partial<Record<ServiceName, string>> & { downstream: string }>;
  /** Bearer token of the control ports, if they require one. */
  readonly controlToken?: string | undefined;
  readonly traffic: Readonly<Record<'gateway' | 'publisher', string>>;
  /** URL of the broker. If it has several servers, it is a list separated by commas. */
  readonly natsUrl: string;
  /** Login as `user:password`, if the broker requires one. */
  readonly natsCredentials?: string | undefined;
  /** File with the login of the consumer, as `user:password`. Only this login may publish completions. */
  readonly consumerLoginFile?: string | undefined;
  readonly netproxyUrl?: string | undefined;
  /** URL of the control port of an endless load, which a run pauses. */
  readonly loadControlUrl?: string | undefined;
}

/** True if a host name stands for several replicas, which may be replaced at any time. */
export const hasNamedReplicas = ({ control }: Pick<Addresses, 'control'>): boolean =>
  Object.values(control).some((urls) => new Set(urlsIn(urls)).size < urlsIn(urls).length);

/** Addresses of a testbed on this machine, without foreign services. */
export interface LocalAddresses extends Addresses {
  readonly control: Readonly<Record<ServiceName, string>>;
  readonly traffic: Readonly<Record<'downstream' | 'gateway' | 'publisher', string>>;
}

export interface Testbed extends Addresses, Breakable {
  /** Options of the broker; undefined if unknown, as with `attach` or in a simulation. */
  readonly broker: BrokerOptions | undefined;
  /** Rejects with TestbedError when a process ends unexpectedly. Never resolves. */
  readonly died: Promise<never>;
  /** Guard for other processes that must end with the testbed. */
  readonly guard: Guard;
  /**
   * Starts the processes of a caller of downstream again, with a program of the user; without one, as Spillway's own.
   * Keeps their addresses. Missing if the engine runs no programs of users.
   */
  startCaller?(name: Caller, program: Program | undefined): Promise<void>;
  /** Stops all processes, gracefully first. */
  stop(): Promise<void>;
}

/** Service that calls downstream. */
export type Caller = (typeof callers)[keyof typeof callers];

export interface Engine {
  readonly name: EngineName;
  /** Returns the kinds of faults that the engine can inject at a target. */
  readonly faults: (target: Target) => readonly string[];
  /** Processes that the engine can't configure, since they are not Spillway's or were already running. */
  readonly foreign: readonly ProcessName[];
  /** True if it starts clients and servers of the user. */
  readonly runsClients?: boolean;
  /** Reason why the engine supports only one process of each service. Undefined if it supports several. */
  readonly single?: string;
  /** Explains why its figures can't be compared with simulations. Undefined if they can. */
  readonly incomparable?: string;
  /**
   * Starts a testbed for an experiment. The signal interrupts the start. After a rejection, nothing is left running.
   */
  readonly start: (logFolder: string, signal: AbortSignal, experiment: Experiment) => Promise<Testbed>;
}

export interface StartOptions {
  readonly logFolder: string;
  readonly signal?: AbortSignal;
  /** Hops that get a proxy. */
  readonly hops?: readonly Hop[];
  /** Options of the broker until `restart` gives it others. The number of its servers stays the same. */
  readonly broker?: BrokerOptions;
  /** Seed for the draws of the proxies. */
  readonly seed?: number;
}

/**
 * Waits for the start of a testbed. If the start fails, stops the testbed, ignores errors of `stop`, and rejects with
 * the error of the start.
 */
export async function orStop<T>(testbed: Pick<Testbed, 'stop'>, starting: Promise<T>): Promise<T> {
  return starting.catch(async (error) => {
    await testbed.stop().catch(() => undefined);
    throw error;
  });
}

export const engineNames = ['local', 'compose', 'attach'] as const;
export type EngineName = (typeof engineNames)[number];

/** Dependency of each lane of `docker compose up`. That of `events` is the one that experiments use. */
export const lanes = {
  naive: 'naive-downstream',
  guarded: 'guarded-downstream',
  events: 'downstream',
} as const;
export const laneNames = Object.keys(lanes) as (keyof typeof lanes)[];

/** Parts that `--url` can name. A service whose control port is not given counts as foreign; a load may be missing. */
export const parts = [
  'gateway',
  'publisher',
  'nats',
  'downstream-control',
  'gateway-control',
  'publisher-control',
  'consumer-control',
  'load-control',
  // Only for faults by hand.
  'naive-downstream-control',
  'guarded-downstream-control',
  'netproxy-control',
] as const;
export type Part = (typeof parts)[number];

export type Urls = Readonly<Partial<Record<Part, string>>>;

export interface EngineOptions {
  readonly urls: Urls;
  /** URLs that the environment gives, in place of those of the testbed of `up`. */
  readonly knownUrls?: Urls | undefined;
  /** True if the consumer is foreign. */
  readonly ownConsumer: boolean;
  readonly controlToken?: string | undefined;
  readonly natsCredentials?: string | undefined;
  /** Receives a line for the user before a long wait. */
  readonly say?: (line: string) => void;
}
