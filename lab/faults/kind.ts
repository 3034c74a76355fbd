import type { NatsConnection } from '@nats-io/transport-node';
import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import type { Problem } from '#kit/schema/problems.ts';
import type { Hop } from '#lab/topology/hops.ts';
import type { ProcessName, ServiceProcess } from '#lab/topology/names.ts';

/** One kind of fault of a process or of a hop: its options, and how it is brought about and mended. */
export interface Kind<S extends TObject, T extends ProcessName | Hop = ProcessName> {
  readonly options: S;
  /** What reports say of the target: that it was `killed`. */
  readonly done: string;
  /** Whether it may be in force on its target beside such faults of other kinds. */
  readonly shares?: boolean;
  /** Whether the target stands still, so that its sleeps last longer than they should. */
  readonly halts?: boolean;
  /** Whether nothing passes on a hop that it harms. */
  readonly stops?: (options: Static<S>) => boolean;
  /** Whether its end waits for what comes back in its own time, as a process does that is started. */
  readonly returns?: boolean;
  /** Which of the attempts that it is meant for it strikes, where the target counts them. */
  readonly affects?: 'all' | 'some' | 'none';
  /** Whether in force beside such a fault of another kind, given with its `kind`, it would leave nothing of that. */
  readonly hides?: (options: Static<S>, other: object) => boolean;
  /** What must be there at its end, or that can't be seen. */
  readonly needs?: readonly (ProcessName | Hop)[];
  /** What is wrong with options beyond what their schema can say. */
  readonly problems?: (options: Static<S>) => Problem[];
  /** Resolves when it has been seen to have taken. */
  begin(hands: Hands, harm: Harm<S, T>): Promise<void>;
  /** What goes on while it is in force, if anything does; resolves soon after `over` has aborted, or when it has come to its own end. */
  during?(hands: Hands, harm: Harm<S, T>, over: AbortSignal): Promise<void>;
  /** Restores what was there before, also after a `begin` or `during` that has rejected; resolves when that has been seen. */
  end(hands: Hands, harm: Harm<S, T>): Promise<void>;
}

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

/** Control port of a process. */
export interface ControlPort {
  /** Resolves with the answer's body. Rejects with TestbedError if it is refused or late. */
  request(method: 'PUT' | 'DELETE', path: string, body?: unknown, withinMs?: number): Promise<string>;
}

/** What can do harm. */
export interface Hands {
  readonly testbed: Breakable;
  /** The lab's own connection. */
  readonly broker: NatsConnection;
  readonly clock: Clock;
  /** Hears what a process has counted, where that can be heard soon, before it is killed or stands still. */
  lastScrape(target: ProcessName): Promise<void>;
  readonly controls: {
    readonly downstream: { readonly processes: ReadonlyMap<ServiceProcess, ControlPort> };
    readonly netproxy?: ControlPort | undefined;
  };
}

/** What a fault is asked to do. */
export interface Harm<S extends TObject, T = ProcessName> {
  /** The fault's own. */
  readonly name: string;
  readonly target: T;
  readonly forMs: number;
  readonly options: Static<S>;
  /** What the target was configured with. */
  readonly config: unknown;
}

/** Lets the compiler infer the type of the options. */
export const kind = <S extends TObject>(fault: Kind<S>): Kind<S> => fault;
