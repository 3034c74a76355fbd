import type { Static, TSchema } from 'typebox';
import type { Distribution } from '#kit/counters.ts';
import { Type } from '#kit/schema/type.ts';
import type { Stalled } from '#kit/stalls.ts';
import { type Outcome, outcomes } from '#kit/wire.ts';

/**
 * Report of the generator, which is a separate process. The generator reads commands as JSON lines from stdin, see
 * `Command`, and writes reports as JSON lines to stdout. It ends when stdin ends. All times are in ms on the machine's
 * monotonic clock (`systemClock.now()`).
 */
export type Report =
  | { readonly report: 'listening' }
  /** End of a warm-up. `unfinished` counts the requests without a known end. `firstErrors` has the reasons. */
  | ({ readonly report: 'warm'; readonly requests: number } & WarmUp)
  /** Start time of the first phase, a moment after this report. */
  | { readonly report: 'started'; readonly startedAtMs: number }
  /** Progress, sent every 250 ms during a run. */
  | ({ readonly report: 'progress' } & Progress)
  | ({ readonly report: 'ended' } & Summary)
  /** Error. `name` is stable: `disk-full`, or `generator-error` for all other errors. */
  | { readonly report: 'error'; readonly name: string; readonly message: string };

const number = Type.Number();

const byOutcome = <S extends TSchema>(schema: S) =>
  Type.Object(Object.fromEntries(outcomes.map((name) => [name, schema])) as Record<Outcome, S>);

/** Schema of the requests by outcome. An outcome that never happened has the count 0. */
const Outcomes = byOutcome(number);

export const Counts = Type.Object({
  elapsedMs: Type.Number({ description: 'Since the first scheduled time.' }),
  offered: Type.Number({ description: 'Requests scheduled up to now, sent or not.' }),
  inFlight: Type.Number({ description: 'Requests sent and not answered yet.' }),
  outcomes: Type.Partial(Outcomes, {
    description:
      'Finished requests by outcome. During a run, a request answered with 202 is `pending` until its outcome is reported.',
  }),
});
export type Counts = Readonly<Static<typeof Counts>>;

export interface Progress extends Counts {
  /** Latencies of the completed requests in seconds, in the buckets of the metrics. */
  readonly latencies: Distribution;
  /** Delays of the sends of all ended requests in seconds, in the same buckets. */
  readonly lags: Distribution;
}

export const FirstError = Type.Object({
  reason: Type.String({
    description:
      'Reason in one short line, such as `502: downstream failed`. Reasons with the same status that differ only in numbers count as one; the first is shown.',
  }),
  count: Type.Number({ description: 'Requests with this reason.' }),
  firstAtMs: Type.Number({ description: 'Scheduled time of the first of these requests.' }),
});
export type FirstError = Readonly<Static<typeof FirstError>>;

/** Up to three reasons for each outcome. Reasons with the same status that differ only in numbers count as one. */
export const FirstErrors = Type.Partial(byOutcome(Type.Array(FirstError)));
export type FirstErrors = Readonly<Static<typeof FirstErrors>>;

export interface WarmUp {
  readonly unfinished: number;
  readonly firstErrors: FirstErrors;
}

export interface Summary extends Progress {
  /** Start time of the first phase. Times in the record count from it. */
  readonly startedAtMs: number;
  /** Number of requests in the plan. It equals `offered`, unless the run was stopped. */
  readonly planned: number;
  /** Number of answers with status 202. In `duplicates` of them, the publisher reported the event as a duplicate. */
  readonly accepted: number;
  /** Sum of their times from the scheduled time to the answer. */
  readonly acceptedMs: number;
  readonly duplicates: number;
  readonly firstErrors: FirstErrors;
  readonly cpuMs: number;
  readonly rssPeakBytes: number;
  readonly stalled: Stalled;
}

/**
 * Header of the record. The record has a line per request, in the order in which the requests ended. Columns:
 * - index in the plan
 * - scheduled time after the start of the load
 * - delay of the send; empty if the request was never sent
 * - time from the scheduled time to the end; empty if the request never ended
 * - outcome
 * - HTTP status; 0 without an answer
 * - attempts; empty if unknown
 */
export const recordHeader = 'index,scheduledAtMs,lagMs,latencyMs,outcome,status,attempts';
