import type { Static } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { paths } from '#kit/wire.ts';
import { Counts, FirstErrors, Outcomes } from '#load/protocol.ts';
import { described, type Final, flag, list, nullable, number, object, text } from './schema-helpers.ts';

export const Machine = object(
  {
    node: text('Version of Node.'),
    nats: text('Version of nats-server.'),
    cpus: number('Cores.'),
    cpuModel: text(),
    memoryBytes: number(),
    platform: text(),
    loadAverage: number('Over the minute before the run.'),
  },
  'Machine that conducted the run.',
);

export const Percentiles = object({
  count: number('Measured values.'),
  meanMs: number(),
  p50Ms: number('Median.'),
  p90Ms: number(),
  p95Ms: number(),
  p99Ms: number(),
  p999Ms: number('99.9 % are at most this.'),
  maxMs: number(),
});
export type Percentiles = Final<Static<typeof Percentiles>>;

const Self = object(
  {
    lag: described(Percentiles, 'Time from scheduled to sent.'),
    sleepExcess: nullable(Percentiles, 'Real sleep of downstream minus the modelled one.'),
    attempt: Type.Optional(
      nullable(
        object({
          meanMs: number('Mean duration of an attempt.'),
          modelledMs: number('Mean sleep of the model.'),
        }),
        "Null without attempts of a caller of Spillway's.",
      ),
    ),
    processes: list(
      object({
        name: text(),
        loopDelayP99Ms: nullable(number(), 'Null for the generator, whose lag says more.'),
        cpuMs: number('CPU time used.'),
        saturated: flag('True if its event loop was too late, so that it limited the system itself.'),
        restarted: flag('If it was killed, its last counts are in none of the figures.'),
      }),
      "Processes on the variant's path.",
    ),
  },
  'Effects of the testbed itself on the measurement.',
);

export const Span = object({
  fromMs: number('Since the first scheduled time.'),
  untilMs: number('The same.'),
});
export type Span = Final<Static<typeof Span>>;

export const FaultResult = object({
  name: text(),
  target: text(),
  state: text('State of the target: `killed`, `paused` …'),
  onPath: flag("True if the variant's requests pass the target."),
  asked: described(Span, 'Span in the experiment.'),
  took: nullable(Span, 'Span in which it was in force; null if it never was.'),
  affected: Type.Optional(nullable(number(), "Attempts that it affected; null if they aren't counted.")),
});
export type FaultResult = Final<Static<typeof FaultResult>>;

/** Action on a target in a run without faults. */
export const leftAlone = 'left alone';

export const RedriveResult = object({
  atMs: number('Scheduled begin, since the first scheduled time.'),
  ratePerSecond: number(),
  took: nullable(Span, 'Null if the run ended before its time.'),
  redriven: number('Events sent again; one that dies again and is redriven again counts again.'),
  left: number('Dead letters that it did not reach.'),
  failure: nullable(text(), 'Reason why it ended early, if something failed.'),
});
export type RedriveResult = Final<Static<typeof RedriveResult>>;

export const StallResult = object({
  process: text(),
  ...Span.properties,
  cpuMs: number('CPU time that the process used in it; 0 where it sent late.'),
  cause: Type.Enum(['saturated', 'stopped', 'late'], {
    description:
      'It used the CPU itself; it was stopped or had no CPU; or it sent late without having stood still.',
  }),
  requests: number('Requests scheduled in it, or that ended in it or just after.'),
});
/** Time in which a process did nothing for requests, or the generator sent them late. */
export type StallResult = Final<Static<typeof StallResult>>;

export const PolicyResult = object({
  policy: text(),
  position: number('Position in the pipeline from 0, outermost first.'),
  acted: mapOf(number(), { description: 'Count by action: refused, retried, opened, queued, timed-out.' }),
  note: text('Reason why it never acted, if known; else empty.'),
});
export type PolicyResult = Final<Static<typeof PolicyResult>>;

export const Recovery = object({
  timeMs: nullable(
    number(),
    'From clearing, or the end of the phase, until goodput was back for as long as the experiment asks. Null if not while the load went on.',
  ),
  reported: flag('True if it recovered, or was watched for long enough to know that it did not.'),
  atLeastMs: number(
    'Lower bound of the time to recover. Less than `watchedMs`, since the last requests may have gone well.',
  ),
  drainMs: Type.Optional(
    nullable(
      number(),
      'From clearing until the backlog was back at its maximum before any fault. Null if not while the load went on; missing if unknown.',
    ),
  ),
  watchedMs: number('From clearing to the end of the load.'),
  lostGoodput: number(
    'Requests since the fault began that would have been good at the goodput before any fault, and were not; until recovered.',
  ),
  metastable: nullable(
    flag(),
    'True if less than half of the goodput is back, nor on its way, with no fault and no more load than before. Null if unknown.',
  ),
});
export type Recovery = Final<Static<typeof Recovery>>;

const column = (description: string) => list(nullable(number()), description);
/** Course of a variant, in columns over one time axis. */
export const Series = object({
  tMs: list(number(), 'Time since the first scheduled time.'),
  offered: column('Requests per second scheduled in the interval that begins at t.'),
  goodput: column('Requests of them that completed within the deadline, per second.'),
  inFlight: column('Attempts in flight at downstream.'),
  retries: column('Retries, or redeliveries, per second.'),
  breaker: column('0 closed, 1 half-open, 2 open; null without a breaker.'),
  backlog: column(
    'Requests accepted and not finished: queue of the bulkhead (rpc), messages in the stream (event).',
  ),
  dead: column('Dead letters.'),
});
export type Series = Final<Static<typeof Series>>;

export const RunError = object({
  name: text('Kind of the error.'),
  message: text(),
  variant: Type.Optional(text('Variant that it cut short, which is not among the results.')),
  counts: Type.Optional(described(Counts, 'Last counts of the generator.')),
});
export type RunError = Final<Static<typeof RunError>>;

const Status = Type.Enum(['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'], {
  description: 'Verdict; `measured` if nothing was asked.',
});
export type Status = Static<typeof Status>;

export const ValidityCheck = object({
  name: text('Such as `send lag p99`.'),
  variant: text(),
  ok: flag(),
  measured: number(),
  limit: number(),
  unit: text(),
  finding: text('Measurement against the limit, as words after a colon.'),
  meaning: text('Consequence if it is not ok, a sentence.'),
  remedy: text('What to do, a sentence.'),
});
export type ValidityCheck = Final<Static<typeof ValidityCheck>>;

export const HypothesisResult = object({
  text: text('The hypothesis as it stands in the file.'),
  ok: nullable(
    flag(),
    'Null where it was not judged, because the run ended before a variant of it was finished.',
  ),
  left: nullable(
    number(),
    'Value of the left side in the unit of the metric. Null without data; then it fails.',
  ),
  right: nullable(number(), 'Value of the right side.'),
  reason: Type.Optional(text('Reason why it could not be judged, such as no data.')),
  rounds: Type.Optional(
    object(
      {
        of: number('Rounds.'),
        held: number('Rounds in which it held.'),
        low: number('Lower end of the interval of left − right.'),
        high: number('Its upper end.'),
      },
      'Over several rounds, whose means are left and right.',
    ),
  ),
});
export type HypothesisResult = Final<Static<typeof HypothesisResult>>;

/** Outcomes of requests. */
const figures = {
  offered: number('Requests of the load.'),
  outcomes: described(Outcomes, 'Requests by outcome. They add up to `offered`.'),
  latency: nullable(
    Percentiles,
    'Scheduled time to the completion, of the requests that completed (`ok` and `late`); null if none did.',
  ),
  goodputByDeadline: list(
    object({ deadlineMs: number(), goodput: number() }),
    "Goodput for a rising series of deadlines, the experiment's own among them.",
  ),
  goodput: number("Completed within the experiment's deadline ÷ offered."),
};

export const Window = object({
  name: text('Name in hypotheses: `after brownout`.'),
  span: nullable(Span, 'By scheduled times; null if its fault never took.'),
  ...figures,
  attempts: Type.Optional(
    nullable(number(), 'Attempts for requests whose attempt count is known; null if none is.'),
  ),
  amplification: Type.Optional(nullable(number(), 'Their mean per request.')),
  unreported: Type.Optional(number('Requests whose attempt count is unknown.')),
  recovery: Type.Optional(described(Recovery, 'After a fault that took, or a phase.')),
});
/** Figures of the requests of a variant that were scheduled in a part of the load. */
export type Window = Final<Static<typeof Window>>;

const Ledger = object(
  {
    balanced: flag('True if no check failed.'),
    checks: list(
      object({
        name: text(),
        ok: flag(),
        witnesses: mapOf(number(), { description: 'Count by witness.' }),
        note: text('Witnesses that contradict each other, or reason why they were not compared. Else empty.'),
      }),
      'Each compares what two or three witnesses say of the same count.',
    ),
  },
  'Comparison of the witnesses, see [ledger](ledger.md).',
);
export type Ledger = Final<Static<typeof Ledger>>;

const Prediction = object({
  metric: text('Name of the metric: `ok`, `retries`, `goodput250Ms` …'),
  predicted: number('Predicted value, or the lower end of a predicted range.'),
  predictedMax: Type.Optional(number('Upper end of a range.')),
  measured: nullable(number()),
  ok: flag(),
  tolerance: text('`±10 %` or `±5 points`, at each end of a range.'),
  why: text('Explanation of the difference, from measurements; empty if it agrees.'),
});
export type Prediction = Final<Static<typeof Prediction>>;

const configured = {
  name: text(),
  path: Type.Enum(paths),
  description: text('Line for a reader, from the file; may be empty.'),
  config: mapOf(Type.Unknown(), {
    description: 'Complete configuration that was in force by process, defaults filled in.',
  }),
};

const VariantResult = object({
  ...configured,
  ...figures,
  firstErrors: described(
    FirstErrors,
    'Reasons why requests failed, as the generator received them; of dead events, as the consumer counted them.',
  ),
  policies: list(PolicyResult, 'Outermost first.'),
  recovered: number('Events without a completion whose outcome an effect, or a dead letter, has shown.'),
  lost: number('Accepted events found nowhere.'),
  attempts: number('Attempts at downstream.'),
  retries: number('Attempts after the first of a request, or redeliveries.'),
  refusedRetries: Type.Optional(
    mapOf(number(), {
      description:
        "Retries refused after a failed attempt, by the policy that refused; missing if the caller is not Spillway's.",
    }),
  ),
  attemptTimeouts: number('Attempts cut off by a timeout or deadline policy.'),
  amplification: number('Attempts ÷ offered requests.'),
  peakInFlight: nullable(
    number(),
    'Most attempts at once in downstream, also between samples; over several replicas the sum of their peaks.',
  ),
  effects: object({
    distinct: number('Requests with an effect.'),
    duplicates: number('Further effects of such requests.'),
    wasted: number('Effects whose caller had disconnected.'),
  }),
  durationMs: number('From the first scheduled time to the end of the drain.'),
  self: Self,
  faults: list(FaultResult, 'Faults of the experiment.'),
  redrives: list(RedriveResult, 'Redrives of dead letters.'),
  stalls: list(StallResult, 'Stalls that no fault of the experiment caused.'),
  windows: list(
    Window,
    'Before, during and after each fault, the phases of the load, and windows that hypotheses name.',
  ),
  ledger: Ledger,
  predictions: list(Prediction, 'Forecast beside the measurement.'),
  series: described(Series, 'Course over time.'),
});
export type VariantResult = Final<Static<typeof VariantResult>>;

const Round = object({
  seed: number(),
  status: Status,
  variants: list(
    object({
      name: text(),
      values: mapOf(nullable(number()), {
        description: 'By metric, in its unit; null where there was nothing to measure.',
      }),
      collapsed: flag('True if few requests completed in time, and most failed or had no outcome.'),
      recoveries: list(object({ window: text(), recovery: Recovery }), 'After each fault that took.'),
    }),
  ),
});
/** Run among several that differ only in their seeds. */
export type Round = Final<Static<typeof Round>>;

export const Capacity = object(
  {
    timeoutMs: number(),
    nominalPerSecond: number('Capacity for which the rates of the file are meant.'),
    perSecond: number('Attempts per second.'),
    low: Type.Optional(number('Lower bound of the measurement; missing where it was given.')),
    high: Type.Optional(number('Upper bound.')),
  },
  'Capacity of the dependency under a timeout, to which the rates of the load were scaled.',
);
export type Capacity = Final<Static<typeof Capacity>>;

export const SlowMotion = object(
  {
    factor: number(),
    asked: Type.Union([number(), Type.Literal('auto')], {
      description: 'The factor, or `auto` if it was picked by the figures that follow.',
    }),
    overheadMs: Type.Optional(
      number('Time by which an attempt took longer than modelled, at a factor of 1.'),
    ),
    cpuMs: Type.Optional(number('CPU time of a request in all processes but the broker.')),
    overheadRatio: Type.Optional(number('Overhead ÷ healthy latency of an attempt.')),
    cpuRatio: Type.Optional(number('CPU time of the busiest 250 ms ÷ what all cores have in it.')),
  },
  "Factor of all durations, and why; missing at full speed. All figures are in the experiment's own time.",
);
export type SlowMotion = Final<Static<typeof SlowMotion>>;

/** Content of `result.json`: everything the report shows. A change that breaks readers raises the version. */
export const Result = object({
  version: Type.Literal(1, { description: 'Version of the format.' }),
  spillway: text('Version of Spillway.'),
  status: Status,
  exitCode: number('See [exit codes](command-line.md#exit-codes).'),
  errors: list(RunError, 'Reasons why the run ended early, e.g. a service that died or a Ctrl-C.'),
  experiment: object({
    name: text("The file's name without its ending: `01-burst`."),
    file: text(),
    title: text(),
    description: text(),
    seed: number(),
    deadlineMs: number(),
    source: text('The YAML text as it was read.'),
  }),
  command: text('The shell command that repeats this run.'),
  startedAt: text('Date and time.'),
  durationMs: number('Includes the start and the stop of the testbed.'),
  machine: Machine,
  capacity: Type.Optional(Capacity),
  slowMotion: Type.Optional(SlowMotion),
  withoutFaults: Type.Optional(flag('True for a control run, which injects no fault.')),
  leftOut: Type.Optional(
    object(
      { variants: list(text()), hypotheses: list(text(), 'Those that name one.') },
      'Variants that `run --only` left out. Missing if there is none.',
    ),
  ),
  validity: list(ValidityCheck, 'See [validity](hypotheses.md#validity).'),
  hypotheses: list(HypothesisResult, 'In the order of the file.'),
  variants: list(VariantResult, 'Empty for rounds, which have results of their own.'),
  rounds: Type.Optional(list(Round, 'Results of each round, with `--repeat`.')),
  configured: Type.Optional(list(object(configured), 'The variants of rounds, as the first had them.')),
});
export type Result = Final<Static<typeof Result>>;
