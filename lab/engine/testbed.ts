import type { Guard } from './guard.ts';

/** The services a testbed consists of, in the order in which they start. */
export const serviceNames = ['downstream', 'gateway', 'publisher', 'consumer'] as const;
export type ServiceName = (typeof serviceNames)[number];
/** Every process that can die. */
export type ProcessName = ServiceName | 'nats';

/** A running testbed, whoever runs it. */
export interface Testbed {
  /** Base URLs, e.g. `http://127.0.0.1:4101`. */
  readonly control: Readonly<Record<ServiceName, string>>;
  readonly traffic: Readonly<Record<'downstream' | 'gateway' | 'publisher', string>>;
  readonly natsUrl: string;
  readonly natsVersion: string;
  /** Where Prometheus was asked for and is installed. */
  readonly prometheusUrl: string | undefined;
  /** Rejects with TestbedError as soon as a process ends that nobody has killed on purpose; never resolves. */
  readonly died: Promise<never>;
  /** For processes beside the testbed that must end with it. */
  readonly guard: Guard;
  /** SIGKILL; resolves when the process is gone. */
  kill(name: ProcessName): Promise<void>;
  /** Starts a killed process again with a configuration, same ports and same data; resolves when it is ready. */
  restart(name: ProcessName, config: unknown): Promise<void>;
  /** Stops everything, gracefully first. */
  stop(): Promise<void>;
}
