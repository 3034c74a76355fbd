import type { Static } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { paths } from '#kit/wire.ts';
import { Counts, FirstErrors, Outcomes } from '#load/protocol.ts';
import { LoadAgents, Machine, SlowMotion } from './conditions.ts';
import { described, type Final, flag, list, nullable, number, object, text } from './schema-helpers.ts';
import { Percentiles, Self } from './self-metrics.ts';
import { Simulations } from './simulations.ts';

export const Span = object({
  fromMs: number('Since the first scheduled time.'),
  untilMs: number('Since the first scheduled time.'),
});
export type Span = Final<Static<typeof Span>>;

export const FaultResult = object({
  name: text(),
  target: text(),
  servers: Type.Optional(list(text(), 'Servers of the broker that the target named by their role.')),
  state: text('State of the target: `killed`, `paused` …'),
  onPath: flag("True if the variant's requests pass the target."),
  asked: described(Span, 'Span that the experiment asks for.'),
  took: nullable(Span, 'Span in which the fault was in force; null if it never was.'),
  affected: Type.Optional(
    nullable(number(), "Attempts that the fault affected; null if they aren't counted."),
  ),
});
export type FaultResult = Final<Static<typeof FaultResult>>;

/** State of a target in a run without faults. */
export const leftAlone = 'left alone';

export const RedriveResult = object({
  atMs: number('Scheduled begin, since the first scheduled time.'),
  ratePerSecond: number(),
  took: nullable(Span, 'Span in which the redrive ran; null if the run ended before that.'),
  redriven: number('Events sent again. An event that is redriven twice counts twice.'),
  left: number('Dead letters that the redrive did not reach.'),
  failure: nullable(text(), 'Reason why the redrive failed; null if it did not fail.'),
});
export type RedriveResult = Final<Static<typeof RedriveResult>>;

export const StallResult = object({
  process: text(),
  ...Span.properties,
  cpuMs: number('CPU time that the process used during the stall; 0 if `cause` is `late`.'),
  cause: Type.Enum(['saturated', 'stopped', 'late'], {
    description:
      '`saturated`: the process used the CPU itself. `stopped`: it was stopped or had no CPU. `late`: the generator sent late, but did not stand still.',
  }),
  requests: number('Requests that were under way during the stall.'),
});
/** Time in which a process made no progress with requests, or in which the generator sent them late. */
export type StallResult = Final<Static<typeof StallResult>>;

export const PolicyResult = object({
  policy: text(),
  position: number('Position in the pipeline from 0, outermost first.'),
  acted: mapOf(number(), {
    description: 'Number of times by action: refused, retried, opened, queued, timed-out.',
  }),
  note: text('Reason why the budget of a retry never refused, if its options explain it. Otherwise empty.'),
});
export type PolicyResult = Final<Static<typeof PolicyResult>>;

export const Recovery = object({
  timeMs: nullable(
    number(),
    'Time from clearing the fault, or from the end of the phase, until goodput was high enough, and stayed so for `heldMs`. Null if that did not happen before the load ended.',
  ),
  reported: flag('True if the variant recovered, or was watched for long enough to know that it did not.'),
  atLeastMs: number(
    'Lower bound of the time to recover. Without a recovery it may be less than `watchedMs`: goodput may have come back too shortly before the load ended.',
  ),
  drainMs: Type.Optional(
    nullable(
      number(),
      'Time from clearing the fault, or from the end of the phase, until the backlog was no larger than its maximum before the first fault or phase. Null if that did not happen before the load ended. Missing if unknown.',
    ),
  ),
  watchedMs: number('Time from clearing the fault, or from the end of the phase, to the end of the load.'),
  lostGoodput: number(
    'Good requests expected at the goodput before any fault, minus the measured good requests. Both are of the time from the start of the fault or phase until recovery, or until the load ended.',
  ),
  metastable: nullable(
    flag(),
    'True if most goodput is still missing, no recovery is under way, no fault is active, and the load is no higher than before. Null if unknown.',
  ),
  leftMs: Type.Optional(
    number(
      'Missing unless a recovery was under way when the load ended: the attempts in flight, or the backlog, were falling. Estimate of the time until they are as low as before, at that rate.',
    ),
  ),
});
export type Recovery = Final<Static<typeof Recovery>>;

const column = (description: string) => list(nullable(number()), description);
/** Values of a variant over time. Each column has a value for each point in time. */
export const Series = object({
  tMs: list(number(), 'Time since the first scheduled time.'),
  offered: column('Requests per second scheduled in the interval that begins at `tMs`.'),
  goodput: column(
    'Requests per second that were scheduled in the interval that begins at `tMs`, and completed within the deadline.',
  ),
  inFlight: column('Attempts in flight at downstream.'),
  retries: column('Retries per second, refused ones included; on the path `event`, redeliveries are added.'),
  breaker: column('0 closed, 1 half-open, 2 open; null without a breaker.'),
  backlog: column(
    'Path `rpc`: calls in the queue of the bulkhead. Path `event`: unfinished events in the stream.',
  ),
  dead: column('Dead letters so far.'),
});
export type Series = Final<Static<typeof Series>>;

export const RunError = object({
  name: text('Kind of the error.'),
  message: text(),
  variant: Type.Optional(text('Variant that the error cut short. It is not among the results.')),
  counts: Type.Optional(described(Counts, 'Last counts of the generator.')),
});
export type RunError = Final<Static<typeof RunError>>;

const Status = Type.Enum(['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'], {
  description:
    'Verdict; `measured` if there was no hypothesis to judge, `invalid` if none failed and one was not judged.',
});
export type Status = Static<typeof Status>;

export const ValidityCheck = object({
  name: text('Such as `send lag p99`.'),
  variant: text(),
  ok: flag(),
  measured: number(),
  limit: number(),
  unit: text(),
  finding: text(
    'Comparison of the measurement with the limit, in words. It is shown after the name and a colon.',
  ),
  meaning: text('Sentence: what follows if the check is not ok.'),
  remedy: text('Sentence: what to do.'),
  hypotheses: Type.Optional(
    list(text(), 'Hypotheses that a failed check leaves without a verdict. Missing: those on its variant.'),
  ),
  wholeRun: Type.Optional(
    flag('True if a failed check leaves all hypotheses without a verdict, since no figure can be trusted.'),
  ),
});
export type ValidityCheck = Final<Static<typeof ValidityCheck>>;

export const HypothesisResult = object({
  text: text('Hypothesis, or condition of a steady state, as it stands in the file.'),
  ok: nullable(
    flag(),
    'True if it held. Null without a verdict: a check failed, or a variant was not finished when the run ended.',
  ),
  left: nullable(
    number(),
    'Value of the left side, in the unit of the metric. Null without data; then the hypothesis fails.',
  ),
  right: nullable(number(), 'Value of the right side, in the same way.'),
  offered: Type.Optional(
    number('Only for shares: requests of the measured side; of two, of the smaller one.'),
  ),
  reason: Type.Optional(
    text('Reason why there is no verdict, or why a side has no value, or only a lower bound.'),
  ),
  rounds: Type.Optional(
    object(
      {
        of: number('Number of rounds.'),
        held: number('Rounds in which the hypothesis held.'),
        low: number('Lower end of the 95 % interval of left − right.'),
        high: number('Upper end of the interval.'),
      },
      'Only with several rounds. `left` and `right` are then means over the rounds.',
    ),
  ),
});
export type HypothesisResult = Final<Static<typeof HypothesisResult>>;

/** Figures of a set of requests: those of a whole variant or of a window. */
const figures = {
  offered: number('Requests of the load.'),
  outcomes: described(Outcomes, 'Requests by outcome. They add up to `offered`.'),
  latency: nullable(
    Percentiles,
    'Time from the scheduled time to the completion, over completed requests (`ok` and `late`). Null if none completed.',
  ),
  goodputByDeadline: list(
    object({ deadlineMs: number(), goodput: number() }),
    "Goodput for a rising series of deadlines, the experiment's own among them.",
  ),
  goodput: number("Requests that completed within the experiment's deadline ÷ offered requests."),
};

export const Window = object({
  name: text('Name in hypotheses: `after brownout`.'),
  span: nullable(Span, 'Span of the scheduled times. Null if the fault of the window was never in force.'),
  ...figures,
  attempts: Type.Optional(
    nullable(number(), 'Attempts, over the requests that reported how many they made. Null if none did.'),
  ),
  amplification: Type.Optional(
    nullable(number(), 'Mean attempts per request, over the requests that reported how many they made.'),
  ),
  unreported: Type.Optional(number('Requests that did not report how many attempts they made.')),
  recovery: Type.Optional(
    described(Recovery, 'Only for windows after a fault that was in force, or after a phase.'),
  ),
});
/** Figures of those requests of a variant that were scheduled in a part of the load. */
export type Window = Final<Static<typeof Window>>;

const Ledger = object(
  {
    balanced: flag('True if no check failed.'),
    checks: list(
      object({
        name: text(),
        ok: flag(),
        witnesses: mapOf(number(), { description: 'Count of each witness.' }),
        note: text('Remark, e.g. which witnesses differ, or why they were not compared. May be empty.'),
      }),
      'Checks. Each compares the counts of witnesses with each other, or with an expected value.',
    ),
  },
  'Comparison of the witnesses, see [ledger](ledger.md).',
);
export type Ledger = Final<Static<typeof Ledger>>;

const VariantResult = object({
  name: text(),
  path: Type.Enum(paths),
  description: text('Line for a reader, from the file; may be empty.'),
  config: mapOf(Type.Unknown(), {
    description: 'Complete configuration in force, by process, with defaults filled in.',
  }),
  ...figures,
  goodputs: Type.Optional(
    list(object({ seed: number(), goodput: number() }), 'Goodput of each round, with `--repeat`.'),
  ),
  firstErrors: described(
    FirstErrors,
    'Reasons why requests failed, as the generator received them. For dead events, the reasons that the consumer counted.',
  ),
  policies: list(PolicyResult, 'Outermost first.'),
  recovered: number(
    'Events without a reported completion whose outcome was decided by an effect or a dead letter.',
  ),
  lost: number('Accepted events that were found nowhere.'),
  attempts: number('Attempts at downstream.'),
  retries: number(
    "Retries by a retry policy, on the path `rpc` without the refused ones. On the path `event`, redeliveries that the consumer requested are added. If the gateway or consumer is not Spillway's: attempts after the first of a request.",
  ),
  refusedRetries: Type.Optional(
    mapOf(number(), {
      description:
        "Retries refused after a failed attempt, by the policy that refused. Missing if the gateway or consumer is not Spillway's.",
    }),
  ),
  attemptTimeouts: number('Attempts cut off by a timeout or deadline policy.'),
  amplification: number('Attempts ÷ offered requests.'),
  peakInFlight: nullable(
    number(),
    'Most attempts in flight at the same time in downstream, also between samples. With several replicas, the sum of their peaks.',
  ),
  effects: object({
    distinct: number('Requests with an effect.'),
    duplicates: number('Effects beyond the first of a request.'),
    wasted: number('Effects whose caller had disconnected.'),
  }),
  durationMs: number('From the first scheduled time to the end of the drain.'),
  self: Self,
  faults: list(FaultResult, 'Faults of the experiment.'),
  redrives: list(RedriveResult, 'Redrives of dead letters.'),
  stalls: list(StallResult, 'Stalls that no fault of the experiment caused.'),
  windows: list(
    Window,
    'Windows before, during and after each fault, of each phase (if there are several), of each class, of the steady state, and those that hypotheses name.',
  ),
  ledger: Ledger,
  series: described(Series, 'Values over time.'),
});
export type VariantResult = Final<Static<typeof VariantResult>>;

const Round = object({
  seed: number(),
  status: Status,
  variants: list(
    object({
      name: text(),
      values: mapOf(nullable(number()), {
        description: 'Value by metric, in the unit of the metric. Null if there was nothing to measure.',
      }),
      collapsed: flag(
        'True if the variant collapsed, as the metric [`collapsed`](hypotheses.md#metrics) defines it.',
      ),
      recoveries: list(
        object({ window: text(), recovery: Recovery }),
        'Entries, one for each window with a recovery: after a fault that was in force, or after a phase.',
      ),
    }),
  ),
});
/** Result of one of several runs that differ only in their seed. */
export type Round = Final<Static<typeof Round>>;

/** Version of the format of `result.json`. It increases with each change that existing readers can't read. */
export const resultVersion = 1;

/** Content of `result.json`: everything that the report shows. */
export const Result = object({
  version: Type.Literal(resultVersion, { description: 'Version of the format.' }),
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
  durationMs: number('Duration of the run, with the start and the stop of the testbed.'),
  machine: Machine,
  slowMotion: Type.Optional(SlowMotion),
  foreign: Type.Optional(list(text(), "Services that are not Spillway's. They can't run in slow motion.")),
  withoutFaults: Type.Optional(flag('True for a control run, which injects no fault.')),
  simulated: Type.Optional(flag('True for a simulation: all times are virtual.')),
  agents: Type.Optional(LoadAgents),
  leftOut: Type.Optional(
    object(
      {
        variants: list(text()),
        hypotheses: list(text(), 'Hypotheses that name a variant that was left out.'),
      },
      'Variants that `run --only` left out. Missing if there is none.',
    ),
  ),
  validity: list(ValidityCheck, 'See [validity](hypotheses.md#validity).'),
  hypotheses: list(HypothesisResult, 'In the order of the file.'),
  variants: list(
    VariantResult,
    'With `--repeat`, means over the rounds. Times of recovery are then medians, and a flag has the value of most rounds. First errors and stalls are only in the result of each round.',
  ),
  rounds: Type.Optional(list(Round, 'Results of each round, with `--repeat`.')),
  simulations: Type.Optional(Simulations),
});
export type Result = Final<Static<typeof Result>>;
