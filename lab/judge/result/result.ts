import type { Static } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { paths } from '#kit/wire.ts';
import { LeftOut, Machine, RunError, SlowMotion } from '#lab/evidence/conditions.ts';
import { Overhead } from '#lab/evidence/simulations.ts';
import { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { Figure } from '#lab/experiment/metrics/figure.ts';
import {
  described,
  type Final,
  flag,
  list,
  nullable,
  number,
  object,
  text,
} from '#lab/experiment/schema-helpers.ts';
import { Span } from '#lab/experiment/span.ts';
import { FirstErrors } from '#load/protocol.ts';

/** Version of the format of `result.json`. It increases with each change that existing readers can't read. */
export const resultVersion = 2;

export const FaultResult = object({
  name: text(),
  target: text(),
  servers: Type.Optional(list(text(), 'Servers of the broker that the target named by their role.')),
  state: text('State of the target: `killed`, `paused` …'),
  onPath: flag("True if the variant's requests pass the target."),
  asked: Span,
  took: nullable(Span, 'Null if the fault was never in force.'),
  affected: Type.Optional(
    nullable(number(), "Attempts that the fault affected; null if they aren't counted."),
  ),
});
export type FaultResult = Final<Static<typeof FaultResult>>;

export const RedriveResult = object({
  atMs: number('Scheduled begin, since the first scheduled time.'),
  ratePerSecond: number(),
  took: nullable(Span, 'Null if the run ended before that.'),
  redriven: number('Events sent again. An event that is redriven twice counts twice.'),
  left: number('Dead letters that the redrive did not reach.'),
  failure: nullable(text(), 'Null if the redrive did not fail.'),
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
});
export type PolicyResult = Final<Static<typeof PolicyResult>>;

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

const Status = Type.Enum(['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'], {
  description: '`measured`: no hypothesis to judge. `invalid`: none failed, and one was not judged.',
});
export type Status = Static<typeof Status>;

export const ValidityCheck = object({
  name: text('Such as `send lag p99`.'),
  variant: text(),
  ok: flag(),
  measured: number(),
  limit: number(),
  unit: text(),
  finding: text('The measurement beside the limit, in words.'),
  meaning: text('What follows if the check is not ok.'),
  remedy: text(),
  hypotheses: Type.Optional(
    list(text(), 'Hypotheses that a failed check leaves without a verdict. Missing: those on its variant.'),
  ),
  wholeRun: Type.Optional(
    flag('True if a failed check leaves all hypotheses without a verdict, since no figure can be trusted.'),
  ),
});
export type ValidityCheck = Final<Static<typeof ValidityCheck>>;

export const Percentiles = object({
  count: number(),
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
    sleepExcess: nullable(Percentiles, 'Time by which downstream slept longer than its model says.'),
    attempt: Type.Optional(
      nullable(
        object({
          meanMs: number('Mean duration of an attempt.'),
          modelledMs: number('Mean sleep of the model.'),
        }),
        'Null if no service of Spillway made an attempt.',
      ),
    ),
    overhead: Type.Optional(
      nullable(Overhead, 'Overhead per hop, fitted from the evidence. Null if it is unknown.'),
    ),
    comparedWithinMs: Type.Optional(
      number(
        'Largest error of the clocks in comparisons of effects with requests. Missing in a simulation, which has one clock.',
      ),
    ),
    stallMs: Type.Optional(
      number('Length from which a stall may change a verdict on the variant. Missing without a hypothesis.'),
    ),
    processes: list(
      object({
        name: text(),
        loopDelayP99Ms: nullable(
          number(),
          'p99 of the delay of the event loop. Null for the generator, whose delay is `lag`.',
        ),
        cpuMs: number(),
        saturated: flag('True if its event loop ran so late that the process itself limited the system.'),
        restarted: flag(
          'True if the process was restarted. If it was killed, its last counts are missing from all figures.',
        ),
      }),
      "Processes on the variant's path.",
    ),
  },
  'Effects of the testbed itself on the measurement.',
);

/** Part of the load that has figures of its own. */
const Window = object({
  name: text('Name in hypotheses: `after brownout`.'),
  span: nullable(Span, 'Span of the scheduled times. Null if the fault of the window was never in force.'),
});

const Ledger = object(
  {
    balanced: flag(),
    checks: list(
      object({
        name: text(),
        ok: flag(),
        witnesses: mapOf(number()),
        note: text('Remark, e.g. which witnesses differ, or why they were not compared. May be empty.'),
      }),
      'Comparisons of the witnesses with each other, or with an expected value.',
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
  goodputByDeadline: list(
    object({ deadlineMs: number(), goodput: number() }),
    "Goodput for a rising series of deadlines, the experiment's own among them.",
  ),
  firstErrors: described(
    FirstErrors,
    'Reasons why requests failed, as the generator received them. For dead events, the reasons that the consumer counted.',
  ),
  policies: list(PolicyResult),
  durationMs: number('From the first scheduled time to the end of the drain.'),
  self: Self,
  faults: list(FaultResult),
  redrives: list(RedriveResult),
  stalls: list(StallResult, 'Stalls that no fault of the experiment caused.'),
  windows: list(
    Window,
    'Windows before, during and after each fault, of each phase (if there are several), of each class, of the steady state, and those that hypotheses name.',
  ),
  ledger: Ledger,
  series: Series,
});
export type VariantResult = Final<Static<typeof VariantResult>>;

const Round = object({ seed: number(), status: Status });
/** Run among several that differ only in their seed. */
export type Round = Final<Static<typeof Round>>;

/** Simulations of the experiment beside the measurement. */
const Simulations = object(
  {
    seeds: list(number(), 'Simulated seeds; none if nothing was simulated.'),
    reason: Type.Optional(text('Sentence: why nothing was simulated.')),
    acquitted: Type.Optional(
      list(text(), 'Hypotheses whose verdict simulations with the stalls of the run did not change.'),
    ),
    variants: list(
      object({
        name: text(),
        overhead: nullable(Overhead, 'Overhead per hop, fitted from the evidence; null if unknown.'),
      }),
    ),
  },
  'The same experiment simulated after the run, see [simulate](../how-to/simulate.md). Its figures have the source `ideal` or `simulated`.',
);

export const Advice = object({
  variant: text('Variant that collapsed, or reached less than half of what is possible.'),
  change: Type.Optional(
    text(
      'Smallest change that would have helped: `a retry budget of 10 %`. Missing if none of the tried ones does.',
    ),
  ),
  tried: number('Changes that were simulated.'),
  window: Type.Optional(text('Last part of the load, of which the goodput is. Missing for the whole.')),
  before: Type.Optional(number('Simulated goodput without the change.')),
  after: Type.Optional(number('Mean goodput with it, over fresh seeds.')),
  seeds: Type.Optional(number('Fresh seeds. The change helps with each.')),
  isCutOff: Type.Optional(
    Type.Literal(true, { description: 'Present if the time for the search was over first.' }),
  ),
});
export type Advice = Final<Static<typeof Advice>>;

/** Content of `result.json`: everything that the report shows. */
export const Result = object({
  version: Type.Literal(resultVersion),
  spillway: text(),
  status: Status,
  exitCode: number('See [exit codes](command-line.md#exit-codes).'),
  errors: list(
    RunError,
    'Reasons why the run ended early, e.g. a service that died or a Ctrl-C, or why one `variant` did, e.g. a client that crashed (`client`).',
  ),
  experiment: object({
    name: text("The file's name without its ending: `01-burst`."),
    file: text(),
    title: text(),
    description: text(),
    seed: number(),
    deadlineMs: number(),
    source: text(),
  }),
  command: text('The shell command that repeats this run.'),
  folder: Type.Optional(text('Folder of the run, as its command named it. Missing for a simulation.')),
  label: Type.Optional(text('Name given with `--label`.')),
  startedAt: text(),
  durationMs: number('Duration of the run, with the start and the stop of the testbed.'),
  machine: Machine,
  slowMotion: Type.Optional(SlowMotion),
  foreign: Type.Optional(list(text(), "Services that are not Spillway's. They can't run in slow motion.")),
  withoutFaults: Type.Optional(flag('True for a control run, which injects no fault.')),
  simulated: Type.Optional(flag('True for a simulation: all times are virtual.')),
  leftOut: Type.Optional(LeftOut),
  reruns: Type.Optional(
    list(
      object({
        startedAt: text(),
        variants: list(text()),
        finished: flag('False if it was stopped or failed. Its evidence does not count then.'),
        otherMachine: Type.Optional(text('Its machine, if it is another one than that of the run.')),
      }),
      'Later tries of variants by `run --into`, the oldest first. The figures of a variant are those of its newest finished try.',
    ),
  ),
  validity: list(ValidityCheck, 'See [validity](hypotheses.md#validity).'),
  hypotheses: list(HypothesisResult, 'In the order of the file.'),
  variants: list(
    VariantResult,
    'With `--repeat`, means over the rounds; a flag has the value of most rounds. First errors and stalls are only in the result of each round.',
  ),
  figures: list(Figure, 'All figures of the variants and their windows, as rows.'),
  rounds: Type.Optional(list(Round)),
  simulations: Type.Optional(Simulations),
  advice: Type.Optional(list(Advice, 'Changes that were simulated after the run.')),
});
export type Result = Final<Static<typeof Result>>;
