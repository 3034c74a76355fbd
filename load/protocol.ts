import type { Classes } from '#kit/request-class.ts';
import type { Outcome } from '#kit/wire.ts';
import type { Phase } from './phases.ts';

/**
 * The generator is a process of its own: commands come as JSON lines on stdin, reports go as JSON lines to stdout.
 * It ends when stdin does. All times are in ms on the machine's monotonic clock (`systemClock.now()`).
 */
export type Command =
  /** Answered by `warm`. One command at a time: another one is an `error`, and so is whatever goes wrong with it. */
  | ({ readonly do: 'warm' } & Target & Warmup)
  /** Answered by `started`, and `done` in the end. */
  | ({ readonly do: 'run' } & Target & Run)
  /** Ends what is under way at once; it answers with what was measured until then. No answer of its own. */
  | { readonly do: 'stop' };

/**
 * Options of Node for the generator's process. Left alone, the young generation of its heap grows with the rate until a
 * collection stops everything for 20 ms; a small one takes 1 to 3 ms, and memory stays flat.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=8'];

/**
 * Where requests go: the gateway's or the publisher's traffic port, e.g. `http://127.0.0.1:4100`; of several replicas all,
 * with commas between, which take turns.
 */
interface Target {
  readonly path: 'rpc' | 'event';
  readonly url: string;
  /** Where outcomes of events come back; needed for the event path only. */
  readonly natsUrl?: string;
  /** As `user:password`, where the broker wants them. */
  readonly natsCredentials?: string | undefined;
  /** Open connections to each replica, and so the most requests under way at once there; what is due beyond that is `unsent`. */
  readonly connections: number;
}

/**
 * Requests in a closed loop, kept out of all figures; opens all connections first and goes through them. Ids are `w0`,
 * `w1`, … and go on from one warm-up to the next. What has no outcome after 30 s is unfinished.
 */
interface Warmup {
  readonly requests: number;
  readonly concurrency: number;
}

interface Run {
  readonly seed: number;
  readonly deadlineMs: number;
  /** Dead events may be redriven: then the news that one is dead is kept until there is other news of it, or the drain is over. */
  readonly redrives?: boolean;
  /**
   * A closed loop: so many callers, of whom each sends a request only once it has no other open. What is due waits for a
   * free one, and counts as due when it is sent. Without it requests are sent when they are due, an open loop.
   */
  readonly callers?: number | undefined;
  readonly load: readonly Phase[];
  /** Which of the requests say of which class they are. */
  readonly classes?: Classes;
  /** How long to wait for answers and outcomes after the last due time. */
  readonly drainMs: number;
  /** The CSV file for a line per request; see `recordHeader`. */
  readonly recordFile: string;
}

export type Report =
  | { readonly report: 'listening' }
  /** `unfinished` are the requests of which nobody can say how they ended. */
  | { readonly report: 'warm'; readonly requests: number; readonly unfinished: number }
  /** The time of the phases begins, at a moment close ahead. */
  | { readonly report: 'started'; readonly startedAtMs: number }
  /** Sent every 250 ms while running. */
  | ({ readonly report: 'progress' } & Counts)
  /** What such a report has counted is in the record. */
  | ({ readonly report: 'recorded' } & Pick<Counts, 'elapsedMs'>)
  | ({ readonly report: 'done' } & Summary)
  /** `name` is stable: `disk-full`, or `generator-error` for all else. */
  | { readonly report: 'error'; readonly name: string; readonly message: string };

export interface Counts {
  /** Since the first due time. */
  readonly elapsedMs: number;
  /** Due so far, sent or not. */
  readonly offered: number;
  readonly inFlight: number;
  /** Finished requests by outcome; during a run, 202 counts as `pending` until its outcome has come back. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

export interface Summary extends Counts {
  /** When the time of the phases began: due times in the record count from here. */
  readonly startedAtMs: number;
  /** Requests the arrivals planned; must equal `offered` unless the run was stopped. */
  readonly planned: number;
  /** 202 answers, and those among them that named a duplicate. */
  readonly accepted: number;
  readonly duplicates: number;
  /** How late requests were sent after their due time; zeros when none was sent. */
  readonly lag: Percentiles;
  /** From due time to the effect's news, of `ok` and `late` requests. */
  readonly latency: Percentiles | null;
  readonly cpuMs: number;
  readonly rssPeakBytes: number;
}

export interface Percentiles {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/**
 * One line per request, in the order in which they ended: index in the plan, due time after the start, delay of the
 * send (empty when it was never sent), time from due to the end (empty when it never ended), outcome, HTTP status (0 without an answer), and the
 * attempts made for it (0 where nobody said).
 */
export const recordHeader = 'index,dueMs,lagMs,latencyMs,outcome,status,attempts';
