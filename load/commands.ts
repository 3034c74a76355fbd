import type { Classes } from '#kit/http/request.ts';
import type { Load } from './phases.ts';
import type { Offering } from './sending/own-request.ts';

/** Target of the requests, and their form. */
interface Target extends Omit<Offering, 'seed'> {
  /** Broker that reports the outcomes of events. */
  readonly natsUrl?: string | undefined;
  /** `user:password`, if the broker requires a login. */
  readonly natsCredentials?: string | undefined;
  /** Open connections to each replica. A scheduled request for which none is free is `unsent`. */
  readonly connections: number;
  /** For a service of unknown capacity: opens connections when requests need them, and warms up for at most 5 s. */
  readonly onDemand?: boolean | undefined;
}

/**
 * Requests in a closed loop that count in no figure. Opens all connections first and uses each in turn, unless
 * `onDemand`. Ids are `w0`, `w1`, … and continue from one warm-up to the next. Requests without an outcome after 30 s
 * are unfinished.
 */
export interface WarmCommand extends Target {
  readonly requests: number;
  readonly concurrency: number;
}

export interface RunCommand extends Target {
  /** Decides the arrivals. */
  readonly seed: number;
  readonly deadlineMs: number;
  /** True if dead events may be redriven: `dead` is provisional until another outcome arrives or the drain ends. */
  readonly redrives?: boolean;
  /**
   * Number of callers of a closed loop, each with at most one open request. A scheduled request waits for a free caller,
   * and its scheduled time becomes the time of sending. Undefined for an open loop.
   */
  readonly callers?: number | undefined;
  readonly load: Load;
  readonly classes: Classes;
  /** Longest wait for answers and outcomes after the last scheduled time. */
  readonly drainMs: number;
  /** CSV file that gets a line per request; see `recordHeader`. */
  readonly recordFile: string;
}

/**
 * Command of the lab, whose experiment is checked. `warm` is answered by `warm`, `run` by `started` and `ended`. A
 * command during another one, or a failed command, is answered by `error`. `stop` ends the command under way, which
 * answers with the measurement so far.
 */
export type Command =
  | ({ readonly do: 'warm' } & WarmCommand)
  | ({ readonly do: 'run' } & RunCommand)
  | { readonly do: 'stop' };
