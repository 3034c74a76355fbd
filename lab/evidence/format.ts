import { join } from 'node:path';
import type { Static, TProperties } from 'typebox';
import { mapOf, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Stall } from '#kit/stalls.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import {
  Capacity,
  HypothesisResult,
  Machine,
  Result,
  RunError,
  SlowMotion,
  Span,
  ValidityCheck,
} from '#lab/result/result.ts';
import { flag, list, nullable, number, object, text } from '#lab/result/schema-helpers.ts';
import { BrokerOptions } from '#lab/topology/broker-options.ts';
import { serviceNames } from '#lab/topology/names.ts';
import { limits } from '#load/arrivals/arrival.ts';
import { Counts, FirstErrors } from '#load/protocol.ts';

/** Version of the format. A change that breaks readers raises it. */
export const evidenceVersion = 1;

/** Name of the file that holds the records of a run, in its folder, or of a variant, in `variants/NAME`. */
export const evidenceFile = 'evidence.ndjson';

/** Folders in that of a run. */
export const variantFolder = (folder: string, name: string): string => join(folder, 'variants', name);
export const roundFolder = (folder: string, seed: number): string => join(folder, 'rounds', String(seed));

const about = (description: string) => ({ description });
const record = <P extends TProperties>(description: string, fields: P) => strict(fields, { description });
const when = Type.Number(about("Ms on the machine's monotonic clock."));
const elapsed = Type.Number(about('Ms since the run began.'));
const indexes = list(Type.Integer({ minimum: -1 }));

/** Records of a run, in the order in which they come. Rounds of one run have a file each, and the run another. */
export const RunRecord = tagged('record', {
  run: record('The first record.', {
    version: Type.Integer(about('Version of the format.')),
    spillway: text,
    name: Type.String(about("The file's name without its ending.")),
    file: text,
    source: Type.String(about('Text of the file.')),
    experiment: Type.Unsafe<Experiment>({
      type: 'object',
      description: 'The experiment as checked: with defaults and the options of the command line.',
    }),
    instead: Type.Object(
      {
        seed: Type.Optional(number),
        repeat: Type.Optional(number),
        slowMotion: Type.Optional(Type.Union([number, Type.Literal('auto')])),
      },
      about('Options of the command line that override the file.'),
    ),
    command: text,
    startedAt: text,
    machine: Machine,
    turn: Type.Integer(about('Position of the first variant in the file, from 0.')),
    withoutFaults: flag,
    leftOut: Result.properties.leftOut,
  }),
  round: record('A round begins. Its evidence is in `rounds/SEED`.', { seed: number, atMs: elapsed }),
  testbed: record("The testbed is up. `foreign` are the services that aren't Spillway's.", {
    nats: text,
    foreign: list(Type.Enum(serviceNames)),
  }),
  'slow-motion': record('Factor of all durations while the run is conducted.', {
    pace: object({ ...SlowMotion.properties, factor: Type.Integer({ minimum: 1 }) }),
  }),
  capacity: record(
    'Capacity that the load is scaled to, with the failed validity checks of its measurement.',
    {
      capacity: object({ ...Capacity.properties, perSecond: Type.Number({ exclusiveMinimum: 0 }) }),
      doubts: list(ValidityCheck),
    },
  ),
  variant: record('A variant begins. Its evidence is in `variants/NAME`.', { name: text, atMs: elapsed }),
  done: record('The evidence of a variant is complete.', { name: text, atMs: elapsed }),
  error: record('Why the run ended early, or could not be cleaned up.', { ...RunError.properties }),
  end: record('The last record.', { atMs: elapsed, interrupted: flag }),
});
export type RunRecord = Static<typeof RunRecord>;

/** Records of a variant. */
export const VariantRecord = tagged('record', {
  configs: record(
    'Configurations of the processes. `broker` has the options of the broker, null if unknown.',
    { of: mapOf(Type.Unknown()), broker: nullable(BrokerOptions) },
  ),
  'warm-up': record('Requests of the warm-up that did not end, and the reasons.', {
    unfinished: number,
    firstErrors: FirstErrors,
  }),
  scrape: record(
    'All metrics of a process by series; null is NaN. `afterHalt` if a fault had stopped it until now.',
    { process: text, atMs: when, afterHalt: flag, counters: mapOf(nullable(number)) },
  ),
  started: record('The load begins: scheduled times count from here.', { atMs: when }),
  progress: record('What the generator reports every 250 ms.', { ...Counts.properties }),
  sample: record(
    "A few metrics of the processes on the variant's path, by process and series; null if a process did not respond.",
    { atMs: when, processes: mapOf(nullable(mapOf(nullable(number)))) },
  ),
  'active-faults': record('Faults active from now on.', { atMs: when, names: list(text) }),
  fault: record('A fault was cleared, after it had been seen active.', {
    name: text,
    done: text,
    beganAtMs: when,
    endedAtMs: when,
  }),
  redrive: record(
    'A redrive of dead letters ended, in the order of their times. Dead letters by their ids.',
    {
      took: nullable(Span),
      redriven: list(text),
      repeated: list(text),
      skipped: list(object({ id: text, reason: text })),
      left: list(text),
      failure: nullable(text),
    },
  ),
  unsteady: record(
    'Conditions of the steady state that failed before the first fault, so that none was injected.',
    { missed: list(HypothesisResult) },
  ),
  summary: record('What the generator reports at its end.', {
    ...Counts.properties,
    startedAtMs: when,
    planned: Type.Integer({ minimum: 0, maximum: limits.requests }),
    accepted: number,
    duplicates: number,
    firstErrors: FirstErrors,
    cpuMs: number,
    rssPeakBytes: number,
  }),
  remains: record('What the broker still holds, on the event path.', {
    pending: indexes,
    behind: list(text),
    delivered: list(text),
    unacknowledged: number,
    dead: indexes,
    receipts: number,
    deliveries: Type.Optional(number),
  }),
  stalls: record('Stalls of all processes. `incomplete` are those whose list was full.', {
    all: list(object({ ...Stall.properties, process: text })),
    incomplete: list(text),
  }),
  tampering: record("Changes to the testbed that weren't the lab's.", { findings: list(text) }),
  end: record('The last record: nothing moves any more, but for `atWork` attempts.', {
    atMs: when,
    atWork: number,
  }),
});
export type VariantRecord = Static<typeof VariantRecord>;
export type Of<K extends VariantRecord['record']> = Extract<VariantRecord, { record: K }>;
