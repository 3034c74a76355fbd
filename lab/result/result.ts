import { type Static, Type } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { paths } from '#kit/wire.ts';
import { Counts, FirstErrors, Outcomes } from '#load/protocol.ts';
import { FaultResult, RedriveResult, Span, StallResult } from './incidents.ts';
import { Machine } from './machine.ts';
import { Percentiles } from './percentiles.ts';
import { PolicyResult } from './policy.ts';
import { Recovery } from './recovery.ts';
import { type Final, flag, list, nullable, number, object, text } from './schema-helpers.ts';
import { Self } from './self-metrics.ts';
import { Series } from './series.ts';

export const RunError = object({
  name: text,
  message: text,
  /** The variant that it cut short, if it did; that one is not among the results. */
  variant: Type.Optional(text),
  /** What the generator had last said of it. */
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
  /** `ms`, `requests` … */
  unit: text,
  /** What was measured against the limit, in words that go on after a colon. */
  finding: text,
  /** What follows for the reader when it is not ok, a sentence. */
  meaning: text,
  /** What to do then, a sentence. */
  remedy: text,
});
/** One way in which the measurement itself may be off. */
export type ValidityCheck = Final<Static<typeof ValidityCheck>>;

export const HypothesisResult = object({
  /** As in the file. */
  text,
  /** Null where it was not judged, because the run ended before a variant of it was finished. */
  ok: nullable(flag),
  /** Both sides' values in the unit of the metric; null where there was no data, and then it fails. */
  left: nullable(number),
  right: nullable(number),
  /** Why it could not be judged, e.g. no data. */
  reason: Type.Optional(text),
  /** Over several rounds, whose means are left and right: in how many it held, and the interval of left − right. */
  rounds: Type.Optional(object({ of: number, held: number, low: number, high: number })),
});
export type HypothesisResult = Final<Static<typeof HypothesisResult>>;

/** What has become of requests. */
const figures = {
  offered: number,
  /** They add up to `offered`. */
  outcomes: Outcomes,
  /** Due time to the effect's news, of the requests that had an effect (`ok` and `late`); null when there are none. */
  latency: nullable(Percentiles),
  /** Goodput (done within D ÷ offered) for a rising series of deadlines D; the experiment's own is among them. */
  goodputByDeadline: list(object({ deadlineMs: number, goodput: number })),
  /** Done within the experiment's deadline ÷ offered. */
  goodput: number,
};

const Window = object({
  /** As hypotheses name it: `after brownout`. */
  name: text,
  /** By due times; null where there was no such part, because its fault never took. */
  span: nullable(Span),
  ...figures,
  /** Made for those requests, as far as it was told, and ÷ those of which it was; null where it was of none. Missing in results from before. */
  attempts: Type.Optional(nullable(number)),
  amplification: Type.Optional(nullable(number)),
  /** Requests of which it was not told. */
  unreported: Type.Optional(number),
  /** After a fault that took; missing in results from before. */
  recovery: Type.Optional(Recovery),
});
/** The figures of those requests of a variant that were due in a part of the load. */
export type Window = Final<Static<typeof Window>>;

const Ledger = object({
  balanced: flag,
  /** Each compares what two or three witnesses say of the same count. */
  checks: list(
    object({
      /** e.g. `every ok has an effect`. */
      name: text,
      ok: flag,
      /** Witness → count. */
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
  /** Upper end of a predicted range. */
  predictedMax: Type.Optional(number),
  measured: nullable(number),
  ok: flag,
  /** `±10 %` or `±5 points`, at each end of a range. */
  tolerance: text,
  /** Why it differs, from measurements; empty when it agrees. */
  why: text,
});
export type Prediction = Final<Static<typeof Prediction>>;

/** What a variant is. */
const configured = {
  name: text,
  path: Type.Enum(paths),
  /** One line for a reader, from the file; may be empty. */
  description: text,
  /** The complete configuration that was in force, defaults filled in: what the diff between variants compares. */
  config: mapOf(Type.Unknown()),
};

const VariantResult = object({
  ...configured,
  ...figures,
  /** Why requests came to nothing, as the generator learned it; missing in results from before. */
  firstErrors: Type.Optional(FirstErrors),
  /** Actions of each policy, outermost first; missing in results from before. */
  policies: Type.Optional(list(PolicyResult)),
  /**
   * Events whose end the generator never heard of: completed, by an effect and the acknowledgement of the message, or
   * dead, by a dead letter.
   */
  recovered: number,
  /** Accepted events found nowhere. */
  lost: number,
  attempts: number,
  retries: number,
  /** Retries refused after a failed attempt, by the policy that refused; missing in results from before, and where the caller is not Spillway's. */
  refusedRetries: Type.Optional(mapOf(number)),
  /** Calls cut off by the timeout or the deadline policy. */
  attemptTimeouts: number,
  /** attempts ÷ offered. */
  amplification: number,
  /** The most attempts that downstream worked on at once, also between samples, of several replicas the sum of what each did; missing in results from before. */
  peakInFlight: Type.Optional(nullable(number)),
  effects: object({
    distinct: number,
    /** Effects beyond the first of a request. */
    duplicates: number,
    /** Effects whose caller had given up. */
    wasted: number,
  }),
  /** From the first due time to the end of the drain. */
  durationMs: number,
  self: Self,
  /** What became of each of the experiment's faults; a file of an older version has none. */
  faults: Type.Optional(list(FaultResult)),
  /** What became of each of the experiment's redrives; missing in results from before. */
  redrives: Type.Optional(list(RedriveResult)),
  /** Stalls that no fault of the experiment caused; missing in results from before. */
  stalls: Type.Optional(list(StallResult)),
  /** Before, during and after each fault, the phases of the load, and what hypotheses name; an older version has none. */
  windows: Type.Optional(list(Window)),
  ledger: Ledger,
  /** Values expected beforehand, beside what was measured. */
  predictions: list(Prediction),
  /** Columns of equal length; null where nothing was measured. */
  series: Series,
});
export type VariantResult = Final<Static<typeof VariantResult>>;

const Round = object({
  seed: number,
  /** Of the run in `rounds/<seed>`. */
  status: Status,
  /** Those that were finished. */
  variants: list(
    object({
      name: text,
      /** By metric, in its unit; null where there was nothing to measure. */
      values: mapOf(nullable(number)),
      collapsed: flag,
      /** After each fault that took; missing in results from before. */
      recoveries: Type.Optional(list(object({ window: text, recovery: Recovery }))),
    }),
  ),
});
/** One run of several that differ in nothing but their seeds. */
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
  /** The factor, or `auto` where it was picked by the figures that follow. */
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

/** What `result.json` holds: everything the report shows. A change that breaks readers raises the version. */
export const Result = object({
  version: Type.Literal(1),
  /** Spillway's own version. */
  spillway: text,
  status: Status,
  exitCode: number,
  /** What ended the run early, e.g. a service that died or a Ctrl-C. */
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
  /** Of all of it, with the start and the stop of the testbed. */
  durationMs: number,
  machine: Machine,
  /** Only where the experiment asks for it. */
  capacity: Type.Optional(Capacity),
  /** Missing at full speed. All figures are in the experiment's own time. */
  slowMotion: Type.Optional(SlowMotion),
  /** A control, in which nothing was broken. */
  withoutFaults: Type.Optional(flag),
  validity: list(ValidityCheck),
  hypotheses: list(HypothesisResult),
  /** Of a single run; where there are rounds, each has its own result with them. */
  variants: list(VariantResult),
  rounds: Type.Optional(list(Round)),
  /** The variants of rounds, as the first had them. */
  configured: Type.Optional(list(object(configured))),
});
export type Result = Final<Static<typeof Result>>;
