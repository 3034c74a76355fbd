import type { Breakable } from '#lab/faults/injectable.ts';
import type { BrokerOptions } from '#lab/topology/broker-options.ts';
import type { ServiceName } from '#lab/topology/names.ts';
import type { Guard } from './process/guard.ts';

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
  /** The control port of the netproxy on the testbed's hops, where one stands on some. */
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
