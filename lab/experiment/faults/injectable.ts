import type { Static, TObject } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import type { Hop } from '#lab/kit/topology/hops.ts';
import type { ProcessName, ServiceProcess } from '#lab/kit/topology/names.ts';

export type Place = ProcessName | Hop;

export interface Injectable<S extends TObject, T extends Place = ProcessName> extends FaultKind<S> {
  /** True if clearing the fault waits for a recovery of unknown length, such as the start of a process. */
  readonly returns?: boolean;
  /** Injects the fault. Resolves when the fault is confirmed to be active. */
  begin(context: FaultContext, injection: Injection<S, T>): Promise<void>;
  /** Runs while the fault is active. Must resolve soon after `over` has aborted; may resolve earlier. */
  during?(context: FaultContext, injection: Injection<S, T>, over: AbortSignal): Promise<void>;
  /** Clears the fault, even after `begin` or `during` rejected. Resolves when the fault is confirmed to be cleared. */
  end(context: FaultContext, injection: Injection<S, T>): Promise<void>;
}

/** Actions of faults on the processes of a testbed. Actions that clear a fault are no-ops on a healthy process. */
export interface Breakable {
  end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Restarts an ended process with a configuration. Keeps its address and data. Resolves when the process is ready. */
  restart(name: ProcessName, config: unknown): Promise<void>;
  /** Suspends a process, which keeps its memory and connections. */
  pause(name: ProcessName): Promise<void>;
  resume(name: ProcessName): Promise<void>;
}

export interface ControlPort {
  /** Sends a request and resolves with the body of the answer. Rejects with TestbedError if it is refused or late. */
  request(method: 'PUT' | 'DELETE', path: string, body?: unknown, withinMs?: number): Promise<string>;
}

export interface FaultContext {
  readonly testbed: Breakable;
  readonly controls: {
    readonly downstream: { readonly processes: ReadonlyMap<ServiceProcess, ControlPort> };
    readonly netproxy?: ControlPort | undefined;
  };
}

export interface Injection<S extends TObject, T = ProcessName> {
  readonly name: string;
  readonly target: T;
  readonly forMs: number;
  readonly options: Static<S>;
  readonly config: unknown;
}
