import type { Static } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { paths } from '#kit/wire.ts';
import { Counts, FirstErrors, Outcomes } from '#load/protocol.ts';
import { type Final, flag, list, nullable, number, numbers, object, text } from './schema-helpers.ts';

/** Machine that conducted the run. */
export const Machine = object({
  node: text,
  nats: text,
  cpus: number,
  cpuModel: text,
  memoryBytes: number,
  platform: text,
  loadAverage: number,
});

export const Percentiles = object(
  numbers('count', 'meanMs', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms', 'maxMs'),
);
export type Percentiles = Final<Static<typeof Percentiles>>;

/** Effects of the testbed itself on a variant's measurement. */
const Self = object({
  lag: Percentiles,
  /** Downstream's real sleep minus the modelled one. */
  sleepExcess: nullable(Percentiles),
  /** Mean duration of an attempt and mean sleep of the model; null without attempts of a caller of Spillway's. */
  attempt: Type.Optional(nullable(object({ meanMs: number, modelledMs: number }))),
  /** Processes on the variant's path. The event-loop delay is null for the generator, whose lag says more. */
  processes: list(
    object({
      name: text,
      loopDelayP99Ms: nullable(number),
      cpuMs: number,
      saturated: flag,
      /** If it was killed, its last counts are in none of the figures. */
      restarted: flag,
    }),
  ),
});

/** Times since the first scheduled time. */
export const Span = object({ fromMs: number, untilMs: number });
export type Span = Final<Static<typeof Span>>;

export const FaultResult = object({
  name: text,
  target: text,
  /** `killed`, `paused` … */
  done: text,
  /** True if the variant's requests pass the target. */
  onPath: flag,
  asked: Span,
  /** Span in which it was in force; null if it never was. */
  took: nullable(Span),
  /** Attempts that it affected; null if they aren't counted. */
  affected: Type.Optional(nullable(number)),
});
export type FaultResult = Final<Static<typeof FaultResult>>;

/** Action on a target in a run without faults. */
export const leftAlone = 'left alone';

export const RedriveResult = object({
  atMs: number,
  ratePerSecond: number,
  /** Null if the run ended before its time. */
  took: nullable(Span),
  /** Events sent again; one that dies again and is redriven again counts again. */
  redriven: number,
  /** Dead letters that it did not reach. */
  left: number,
  /** Reason why it ended early, if something failed. */
  failure: nullable(text),
});
export type RedriveResult = Final<Static<typeof RedriveResult>>;

/** Time in which a process did nothing for requests, or the generator sent them late. */
export const StallResult = object({
  process: text,
  ...Span.properties,
  /** CPU time that the process used in it; 0 where it sent late. */
  cpuMs: number,
  /** It used the CPU itself; it was stopped or had no CPU; or it sent late without having stood still. */
  cause: Type.Enum(['saturated', 'stopped', 'late']),
  /** Scheduled in it, or ended in it or just after. */
  requests: number,
});
export type StallResult = Final<Static<typeof StallResult>>;

export const PolicyResult = object({
  policy: text,
  /** Position in the pipeline from 0, outermost first. */
  place: number,
  /** Count by action: refused, retried, opened, queued, timed-out. */
  acted: mapOf(number),
  /** Reason why it never acted, if known; else empty. */
  note: text,
});
export type PolicyResult = Final<Static<typeof PolicyResult>>;

export const Recovery = object({
  /** From clearing, or the end of the phase, until goodput was back for as long as the experiment asks. Null if not while the load went on. */
  timeMs: nullable(number),
  /** True if it recovered, or was watched for long enough to know that it did not. */
  reported: flag,
  /** Lower bound of the time to recover. Less than `watchedMs`, since the last requests may have gone well. */
  atLeastMs: number,
  /** From clearing until the backlog was back at its maximum before any fault. Null if not while the load went on; missing if unknown. */
  drainMs: Type.Optional(nullable(number)),
  watchedMs: number,
  /** Requests since the fault began that would have been good at the goodput before any fault, and were not; until recovered. */
  lostGoodput: number,
  /** True if less than half of the goodput is back, nor on its way, with no fault and no more load than before. Null if unknown. */
  metastable: nullable(flag),
});
export type Recovery = Final<Static<typeof Recovery>>;

const column = list(nullable(number));
/** Course of a variant, in columns over one time axis. */
export const Series = object({
  /** Since the first scheduled time. */
  tMs: list(number),
  /** Requests per second scheduled in the interval that begins at t. */
  offered: column,
  /** Requests of them that completed within the deadline. */
  goodput: column,
  /** Attempts in flight at downstream. */
  inFlight: column,
  /** Retries (or redeliveries) per second. */
  retries: column,
  /** 0 closed, 1 half-open, 2 open; null without a breaker. */
  breaker: column,
  /** Requests accepted and not finished: queue of the bulkhead (rpc), messages in the stream (event). */
  backlog: column,
  dead: column,
});
export type Series = Final<Static<typeof Series>>;

export const RunError = object({
  name: text,
  message: text,
  /** The variant that it cut short, if it did; that one is not among the results. */
  variant: Type.Optional(text),
  /** Last counts of the generator. */
  counts: Type.Optional(Counts),
});
export type RunError = Final<Static<typeof RunError>>;

/** A run that asks nothing is only measured. */
const Status = Type.Enum(['held', 'measured', 'failed', 'invalid', 'error', 'interrupted']);
export type Status = Static<typeof Status>;

export const ValidityCheck = object({
  /** e.g. `send lag p99`. */
  name: text,
  variant: text,
  ok: flag,
  measured: number,
  limit: number,
  unit: text,
  /** Measurement against the limit, as words after a colon. */
  finding: text,
  /** Consequence if it is not ok, a sentence. */
  meaning: text,
  /** Remedy, a sentence. */
  remedy: text,
});
export type ValidityCheck = Final<Static<typeof ValidityCheck>>;

export const HypothesisResult = object({
  text,
  /** Null where it was not judged, because the run ended before a variant of it was finished. */
  ok: nullable(flag),
  /** Both sides' values in the unit of the metric; null where there was no data, and then it fails. */
  left: nullable(number),
  right: nullable(number),
  /** Reason why it could not be judged, e.g. no data. */
  reason: Type.Optional(text),
  /** Over several rounds, whose means are left and right: in how many it held, and the interval of left − right. */
  rounds: Type.Optional(object({ of: number, held: number, low: number, high: number })),
});
export type HypothesisResult = Final<Static<typeof HypothesisResult>>;

/** Outcomes of requests. */
const figures = {
  offered: number,
  /** They add up to `offered`. */
  outcomes: Outcomes,
  /** Scheduled time to the completion, of the requests that completed (`ok` and `late`); null if none did. */
  latency: nullable(Percentiles),
  /** Goodput (completed within D ÷ offered) for a rising series of deadlines D, the experiment's own among them. */
  goodputByDeadline: list(object({ deadlineMs: number, goodput: number })),
  /** Completed within the experiment's deadline ÷ offered. */
  goodput: number,
};

const Window = object({
  /** Name in hypotheses: `after brownout`. */
  name: text,
  /** By scheduled times; null if its fault never took. */
  span: nullable(Span),
  ...figures,
  /** Attempts for requests whose attempt count is known, and their mean per request; null if none is. */
  attempts: Type.Optional(nullable(number)),
  amplification: Type.Optional(nullable(number)),
  unreported: Type.Optional(number),
  /** After a fault that took, or a phase. */
  recovery: Type.Optional(Recovery),
});
/** Figures of the requests of a variant that were scheduled in a part of the load. */
export type Window = Final<Static<typeof Window>>;

const Ledger = object({
  balanced: flag,
  /** Each compares what two or three witnesses say of the same count. */
  checks: list(
    object({
      name: text,
      ok: flag,
      witnesses: mapOf(number),
      /** Witnesses that contradict each other, or reason why they were not compared. Else empty. */
      note: text,
    }),
  ),
});
export type Ledger = Final<Static<typeof Ledger>>;

const Prediction = object({
  /** A metric's name: `ok`, `retries`, `goodput250Ms` … */
  metric: text,
  /** Predicted value, or the lower end of a predicted range. */
  predicted: number,
  predictedMax: Type.Optional(number),
  measured: nullable(number),
  ok: flag,
  /** `±10 %` or `±5 points`, at each end of a range. */
  tolerance: text,
  /** Explanation of the difference, from measurements; empty if it agrees. */
  why: text,
});
export type Prediction = Final<Static<typeof Prediction>>;

const configured = {
  name: text,
  path: Type.Enum(paths),
  /** Line for a reader, from the file; may be empty. */
  description: text,
  /** The complete configuration that was in force, defaults filled in: what the diff between variants compares. */
  config: mapOf(Type.Unknown()),
};

const VariantResult = object({
  ...configured,
  ...figures,
  /** Reasons why requests failed, as the generator received them; of dead events, as the consumer counted them. */
  firstErrors: FirstErrors,
  /** Outermost first. */
  policies: list(PolicyResult),
  /** Events without a completion whose outcome an effect, or a dead letter, has shown. */
  recovered: number,
  /** Accepted events found nowhere. */
  lost: number,
  attempts: number,
  retries: number,
  /** Retries refused after a failed attempt, by the policy that refused; missing if the caller is not Spillway's. */
  refusedRetries: Type.Optional(mapOf(number)),
  attemptTimeouts: number,
  amplification: number,
  /** Most attempts at once in downstream, also between samples; over several replicas the sum of their peaks. */
  peakInFlight: nullable(number),
  effects: object({
    distinct: number,
    duplicates: number,
    wasted: number,
  }),
  /** From the first scheduled time to the end of the drain. */
  durationMs: number,
  self: Self,
  faults: list(FaultResult),
  redrives: list(RedriveResult),
  /** Stalls that no fault of the experiment caused. */
  stalls: list(StallResult),
  /** Before, during and after each fault, the phases of the load, and windows that hypotheses name. */
  windows: list(Window),
  ledger: Ledger,
  predictions: list(Prediction),
  series: Series,
});
export type VariantResult = Final<Static<typeof VariantResult>>;

const Round = object({
  seed: number,
  status: Status,
  variants: list(
    object({
      name: text,
      /** By metric, in its unit; null where there was nothing to measure. */
      values: mapOf(nullable(number)),
      collapsed: flag,
      /** After each fault that took. */
      recoveries: list(object({ window: text, recovery: Recovery })),
    }),
  ),
});
/** Run among several that differ only in their seeds. */
export type Round = Final<Static<typeof Round>>;

export const Capacity = object({
  timeoutMs: number,
  nominalPerSecond: number,
  /** Attempts per second. */
  perSecond: number,
  /** The bounds of the measurement; missing where it was given. */
  low: Type.Optional(number),
  high: Type.Optional(number),
});
/** Capacity of the dependency under a timeout, to which the rates of the load were scaled. */
export type Capacity = Final<Static<typeof Capacity>>;

export const SlowMotion = object({
  factor: number,
  /** The factor, or `auto` if it was picked by the figures that follow. */
  asked: Type.Union([number, Type.Literal('auto')]),
  /** By which an attempt took longer than modelled, at a factor of 1. */
  overheadMs: Type.Optional(number),
  /** CPU time of a request in all processes but the broker. */
  cpuMs: Type.Optional(number),
  /** Overhead ÷ healthy latency of an attempt. */
  overheadRatio: Type.Optional(number),
  /** CPU time of the busiest 250 ms ÷ what all cores have in it. */
  cpuRatio: Type.Optional(number),
});
/** Factor of all durations, and why. */
export type SlowMotion = Final<Static<typeof SlowMotion>>;

/** Content of `result.json`: everything the report shows. A change that breaks readers raises the version. */
export const Result = object({
  version: Type.Literal(1),
  spillway: text,
  status: Status,
  exitCode: number,
  /** Reasons why the run ended early, e.g. a service that died or a Ctrl-C. */
  errors: list(RunError),
  experiment: object({
    /** The file's name without its ending: `01-burst`. */
    name: text,
    file: text,
    title: text,
    description: text,
    seed: number,
    deadlineMs: number,
    /** The YAML text as it was read. */
    source: text,
  }),
  /** The shell command that repeats this run. */
  command: text,
  startedAt: text,
  /** Includes the start and the stop of the testbed. */
  durationMs: number,
  machine: Machine,
  capacity: Type.Optional(Capacity),
  /** Missing at full speed. All figures are in the experiment's own time. */
  slowMotion: Type.Optional(SlowMotion),
  /** True for a control run, which injects no fault. */
  withoutFaults: Type.Optional(flag),
  /** Variants that `run --only` left out, and the hypotheses that name one. Missing if there is none. */
  leftOut: Type.Optional(object({ variants: list(text), hypotheses: list(text) })),
  validity: list(ValidityCheck),
  hypotheses: list(HypothesisResult),
  /** Empty for rounds, which have results of their own. */
  variants: list(VariantResult),
  rounds: Type.Optional(list(Round)),
  /** The variants of rounds, as the first had them. */
  configured: Type.Optional(list(object(configured))),
});
export type Result = Final<Static<typeof Result>>;
