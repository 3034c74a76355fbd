import type { NatsConnection } from '@nats-io/transport-node';
import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import type { Hop } from '#lab/topology/hops.ts';
import type { ProcessName, ServiceProcess } from '#lab/topology/names.ts';

/** A fault kind with how the lab injects and clears it. */
export interface Injectable<S extends TObject, T extends ProcessName | Hop = ProcessName>
  extends FaultKind<S> {
  /** True if its end waits for what recovers in its own time, as a process does that is started. */
  readonly returns?: boolean;
  /** Targets that must be up when it is cleared. */
  readonly needs?: readonly (ProcessName | Hop)[];
  /** Resolves when it is seen to be in force. */
  begin(context: FaultContext, injection: Injection<S, T>): Promise<void>;
  /** Runs while it is in force; resolves soon after `over` has aborted, or earlier. */
  during?(context: FaultContext, injection: Injection<S, T>, over: AbortSignal): Promise<void>;
  /** Clears it, also after a `begin` or `during` that rejected; resolves when it is seen to be cleared. */
  end(context: FaultContext, injection: Injection<S, T>): Promise<void>;
}

/** Actions of faults on the processes of a testbed. Those that clear a fault are no-ops on a healthy process. */
export interface Breakable {
  /** SIGKILL, or SIGTERM for a graceful end. */
  end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts an ended process with a configuration, same address and same data; resolves when it is ready. */
  restart(name: ProcessName, config: unknown): Promise<void>;
  /** Stops it with its memory and connections kept. */
  pause(name: ProcessName): Promise<void>;
  resume(name: ProcessName): Promise<void>;
  /** Takes it off the network, both ways, with its connections left as they are. */
  disconnect(name: ProcessName): Promise<void>;
  reconnect(name: ProcessName): Promise<void>;
}

/** Control port of a process. */
export interface ControlPort {
  /** Resolves with the answer's body. Rejects with TestbedError if it is refused or late. */
  request(method: 'PUT' | 'DELETE', path: string, body?: unknown, withinMs?: number): Promise<string>;
}

/** Testbed and connections that faults are injected through. */
export interface FaultContext {
  readonly testbed: Breakable;
  /** The lab's own connection. */
  readonly broker: NatsConnection;
  readonly clock: Clock;
  /** Reads the counters of a process, if it answers soon, before it is killed or stands still. */
  lastScrape(target: ProcessName): Promise<void>;
  readonly controls: {
    readonly downstream: { readonly processes: ReadonlyMap<ServiceProcess, ControlPort> };
    readonly netproxy?: ControlPort | undefined;
  };
}

/** A fault on a target. */
export interface Injection<S extends TObject, T = ProcessName> {
  readonly name: string;
  readonly target: T;
  readonly forMs: number;
  readonly options: Static<S>;
  /** Configuration of the target. */
  readonly config: unknown;
}
