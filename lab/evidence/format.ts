import type { Static, TProperties } from 'typebox';
import { mapOf, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Stall } from '#kit/stalls.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { described, flag, list, nullable, number, object, text } from '#lab/experiment/schema-helpers.ts';
import { Span } from '#lab/experiment/span.ts';
import { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { limits } from '#load/arrivals/arrival.ts';
import { Counts, FirstErrors } from '#load/protocol.ts';
import { LeftOut, Machine, RunError, SlowMotion } from './conditions.ts';

/** Version of the format. It increases with each change that existing readers can't read. */
export const evidenceVersion = 1;

/** File of a run in its folder, and of each variant in `variants/NAME`. */
export const evidenceFile = 'evidence.ndjson';

const record = <P extends TProperties>(description: string, fields: P) => strict(fields, { description });
const when = number("Ms on the lab's clock.");
const elapsed = number('Ms since the run began.');
const indexes = (description: string) => list(Type.Integer({ minimum: -1 }), description);

/** Records of a run, in their order. If a run has several rounds, the run and each round have their own file. */
export const RunRecord = tagged('record', {
  run: record('The first record.', {
    version: Type.Integer({ description: 'Version of the format.' }),
    spillway: text(),
    name: text("The file's name without its ending."),
    file: text(),
    source: text(),
    experiment: Type.Unsafe<Experiment>({
      type: 'object',
      description: 'The experiment as checked: with defaults and the options of the command line.',
    }),
    instead: object(
      {
        seed: Type.Optional(number()),
        repeat: Type.Optional(number()),
        slowMotion: Type.Optional(Type.Union([number(), Type.Literal('auto')])),
      },
      'Options of the command line that override the file.',
    ),
    command: text('The shell command that repeats the run.'),
    startedAt: text(),
    machine: described(
      Machine,
      'State of the machine before the run began. The record `run` of each round repeats it.',
    ),
    turn: Type.Integer({
      description:
        'Number of the round, from 0. The round begins with the variant at index `turn` modulo the number of variants, in the order of the file.',
    }),
    label: Type.Optional(text('Name given with `--label`.')),
    withoutFaults: flag('True for a control run, which injects no fault.'),
    simulated: Type.Optional(flag('True for a simulation: all times are virtual.')),
    leftOut: Type.Optional(LeftOut),
  }),
  round: record('A round begins. Its evidence is in `rounds/SEED`.', {
    seed: number(),
    atMs: elapsed,
  }),
  testbed: record('The testbed is up.', {
    nats: text(),
    foreign: list(Type.Enum(serviceNames), "Services that aren't Spillway's."),
  }),
  'slow-motion': record('Durations are multiplied. If the first variant is repeated, so is this record.', {
    pace: object({ ...SlowMotion.properties, factor: Type.Integer({ minimum: 1 }) }),
  }),
  variant: record('A variant begins. Its evidence is in `variants/NAME`.', {
    name: text(),
    atMs: elapsed,
  }),
  complete: record('The evidence of a variant is complete.', {
    name: text(),
    atMs: elapsed,
  }),
  error: record('The run ended early, or could not be cleaned up.', { ...RunError.properties }),
  end: record('The last record.', {
    atMs: elapsed,
    interrupted: flag(),
    checksum: Type.Optional(
      text(
        'SHA-256 of the records before it. Finds changes by accident, but no forgery: a forger computes it again.',
      ),
    ),
  }),
});
export type RunRecord = Static<typeof RunRecord>;

const bounds = {
  offsetMs: number("Time on the clock of the process minus time on the lab's clock."),
  errorMs: number('Largest error of the offset.'),
};
const ClockReading = object({
  atMs: when,
  ...bounds,
  shared: flag('True if the process and the lab read the same clock. The offset is then 0.'),
  clockId: Type.Optional(
    text('Boot of the machine, and time namespace of the process. Missing if the system has no such id.'),
  ),
});

export const VariantRecord = tagged('record', {
  configs: record('Configurations of the processes.', {
    of: mapOf(Type.Unknown(), { description: 'Configuration by process.' }),
    broker: nullable(
      BrokerOptions,
      'Options of the broker; null if unknown, as with `attach` or in a simulation.',
    ),
  }),
  'warm-up': record('The warm-up is over.', {
    unfinished: number('Requests of the warm-up that did not end.'),
    firstErrors: described(FirstErrors, 'Reasons why requests of the warm-up failed.'),
  }),
  scrape: record('All metrics of a process.', {
    process: text(),
    atMs: when,
    afterHalt: flag('True if a fault had stopped the process until this scrape.'),
    counters: mapOf(nullable(number()), { description: 'Values by series; null is NaN.' }),
  }),
  started: record('The load begins: scheduled times count from here.', { atMs: when }),
  progress: record('The generator reports, every 250 ms.', { ...Counts.properties }),
  sample: record("A few metrics of the processes on the variant's path, at intervals.", {
    atMs: when,
    processes: mapOf(nullable(mapOf(nullable(number()))), {
      description: 'Values by process, then by series. Null for a process that did not respond.',
    }),
    backlog: Type.Optional(
      number('Messages in the work stream, by the broker, while the consumer did not respond.'),
    ),
  }),
  'active-faults': record('A fault took effect or was cleared.', {
    atMs: when,
    names: list(text(), 'Faults that are active from `atMs` on.'),
  }),
  fault: record('A fault that had taken effect was cleared.', {
    name: text(),
    state: text('State of the target: `killed`, `paused` …'),
    servers: Type.Optional(list(text(), 'Servers of the broker that the target named by their role.')),
    beganAtMs: when,
    endedAtMs: when,
  }),
  redrive: record(
    'A redrive of dead letters ended. Redrives are recorded in the order of their scheduled times (`atMs` in the experiment).',
    {
      took: nullable(Span, 'Span in which the redrive ran; null if it never began.'),
      redriven: list(text(), 'Ids of the dead letters whose events were sent again.'),
      repeated: list(text(), 'Ids of the dead letters whose events an earlier redrive had sent already.'),
      skipped: list(object({ id: text(), reason: text() }), 'Dead letters whose events could not be sent.'),
      left: list(text(), 'Ids of the dead letters that the redrive did not reach.'),
      failure: nullable(text(), 'Reason why the redrive failed; null if it did not fail.'),
    },
  ),
  unsteady: record('In evidence of earlier versions. Ignored.', { missed: list(Type.Unknown()) }),
  summary: record('The generator has ended.', {
    ...Counts.properties,
    startedAtMs: when,
    planned: Type.Integer({ minimum: 0, maximum: limits.requests, description: 'Requests in the plan.' }),
    accepted: number('Answers with the status 202.'),
    acceptedMs: Type.Optional(number('Sum of the times from the scheduled time to these answers.')),
    duplicates: number('Accepted answers that reported the event as a duplicate.'),
    firstErrors: described(FirstErrors, 'Reasons why requests failed.'),
    cpuMs: number(),
    rssPeakBytes: number(),
  }),
  remains: record(
    'What the broker still holds after the drain; only on the path `event`. A number in a list is the index of a request in the plan; −1 is an id outside the plan.',
    {
      pending: indexes('Events in the stream, above the ack floor of the consumer.'),
      behind: list(
        text(),
        "Ids of events that are still in the stream, although they are at or below the consumer's ack floor.",
      ),
      delivered: list(text(), 'Ids of those pending events that were delivered already.'),
      unacknowledged: number('Delivered events that the consumer has not acknowledged.'),
      dead: indexes('Events with a dead letter.'),
      receipts: Type.Optional(number('In evidence of earlier versions. Ignored.')),
      deliveries: Type.Optional(number('Deliveries that the broker made.')),
      stored: Type.Optional(number('Events that the broker stored.')),
    },
  ),
  clocks: record(
    'Clocks of the processes, compared with the clock of the lab by pings. Missing in a simulation, which has only one clock.',
    {
      processes: list(
        object({
          process: text(),
          readings: list(ClockReading, 'At least one before and one after the load, in the order of time.'),
          effects: Type.Optional(
            Type.Integer({
              minimum: 0,
              description:
                'Lines of the process in `effects.ndjson`, where processes have the same order as here. Only of downstream.',
            }),
          ),
        }),
        'Processes whose times are in the evidence.',
      ),
      wallClocks: Type.Optional(
        list(
          object({ process: text('`broker` or a consumer.'), atMs: when, ...bounds }),
          'Wall clocks, minus the clock of the lab. Only with the policy `deadline` on the path `event`, where the consumer subtracts the time at which the broker stored an event from its own.',
        ),
      ),
    },
  ),
  stalls: record('Stalls of all processes.', {
    all: list(object({ ...Stall.properties, process: text() })),
    incomplete: list(text(), 'Processes whose list of stalls was full, so that some are missing.'),
  }),
  tampering: record('Changes to the testbed that the lab did not make.', {
    findings: list(text(), 'A sentence for each change.'),
  }),
  end: record('The last record. All work has ended.', {
    atMs: when,
    atWork: number('Attempts that were still under way when the drain was over.'),
  }),
});
export type VariantRecord = Static<typeof VariantRecord>;
export type Of<K extends VariantRecord['record']> = Extract<VariantRecord, { record: K }>;
