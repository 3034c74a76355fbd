import type { BrokerOptions } from '#lab/topology/broker-options.ts';
import type { Guard } from './process/guard.ts';

/** The services a testbed consists of, in the order in which they start. */
export const serviceNames = ['downstream', 'gateway', 'publisher', 'consumer'] as const;
export type ServiceName = (typeof serviceNames)[number];
/** A process of a service: `consumer` where it has one, else `consumer-1`, `consumer-2` … */
export type ServiceProcess = ServiceName | `${ServiceName}-${number}`;
/** Every process that can die. */
export type ProcessName = ServiceProcess | 'nats';

/**
 * What faults can do to the processes of a testbed. Each resolves when it has been done, and was seen to be done; what mends
 * does nothing to a process that is well.
 */
export interface Breakable {
  /** SIGKILL, or SIGTERM for a graceful end. */
  end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts a process that has ended again with a configuration, same address and same data; resolves when it is ready. */
  restart(name: ProcessName, config: unknown): Promise<void>;
  /** It keeps all it has, connections among it, and does nothing. */
  pause(name: ProcessName): Promise<void>;
  resume(name: ProcessName): Promise<void>;
  /** Takes it off the network, both ways, with its connections left as they are. */
  disconnect(name: ProcessName): Promise<void>;
  reconnect(name: ProcessName): Promise<void>;
}

/** Where the parts of a testbed are reached. Of a service that has several processes a URL is a list, with commas between. */
export interface Addresses {
  /** Base URLs, e.g. `http://127.0.0.1:4101`; none of a service that is not Spillway's. */
  readonly control: Readonly<Partial<Record<ServiceName, string>> & { downstream: string }>;
  /** What the control ports want as a bearer token, where they want one. */
  readonly controlToken?: string | undefined;
  readonly traffic: Readonly<Record<'gateway' | 'publisher', string>>;
  readonly natsUrl: string;
  /** As `user:password`, where the broker wants them. */
  readonly natsCredentials?: string | undefined;
  /** A file with the login of the consumer, which alone may publish completions, also as `user:password`. */
  readonly consumerLoginFile?: string | undefined;
  /** The control port of the netproxy on the testbed's arrows, where one stands on some. */
  readonly netproxyUrl?: string | undefined;
  /** Where Prometheus was asked for and is installed. */
  readonly prometheusUrl?: string | undefined;
}

/** Where a testbed on this machine is reached, all of whose parts are Spillway's. */
export interface LocalAddresses extends Addresses {
  readonly control: Readonly<Record<ServiceName, string>>;
  readonly traffic: Readonly<Record<'downstream' | 'gateway' | 'publisher', string>>;
}

/** A running testbed, whoever runs it. */
export interface Testbed extends Addresses, Breakable {
  /** How its broker runs, as `restart` was told; unknown of one that is not ours. */
  readonly broker: BrokerOptions | undefined;
  /** Rejects with TestbedError as soon as a process ends that nobody has ended on purpose; never resolves. */
  readonly died: Promise<never>;
  /** For processes beside the testbed that must end with it. */
  readonly guard: Guard;
  /** Stops everything, gracefully first. */
  stop(): Promise<void>;
}
