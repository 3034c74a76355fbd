import { join } from 'node:path';
import type { Static } from 'typebox';
import { mapOf, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Stall } from '#kit/stalls.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import {
  Capacity,
  HypothesisResult,
  Machine,
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
const when = Type.Number(about("Ms on the machine's monotonic clock."));
const elapsed = Type.Number(about('Ms since the run began.'));
const indexes = list(Type.Integer({ minimum: -1 }));

/** Records of a run, in the order in which they come. Rounds of one run have a file each, and the run another. */
export const RunRecord = tagged('record', {
  run: strict(
    {
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
    },
    about('The first record.'),
  ),
  round: strict({ seed: number, atMs: elapsed }, about('A round begins. Its evidence is in `rounds/SEED`.')),
  testbed: strict(
    { nats: text, foreign: list(Type.Enum(serviceNames)) },
    about("The testbed is up. `foreign` are the services that aren't Spillway's."),
  ),
  'slow-motion': strict(
    { pace: object({ ...SlowMotion.properties, factor: Type.Integer({ minimum: 1 }) }) },
    about('Factor of all durations while the run is conducted.'),
  ),
  capacity: strict(
    {
      capacity: object({ ...Capacity.properties, perSecond: Type.Number({ exclusiveMinimum: 0 }) }),
      doubts: list(ValidityCheck),
    },
    about('Capacity that the load is scaled to, with the failed validity checks of its measurement.'),
  ),
  variant: strict(
    { name: text, atMs: elapsed },
    about('A variant begins. Its evidence is in `variants/NAME`.'),
  ),
  done: strict({ name: text, atMs: elapsed }, about('The evidence of a variant is complete.')),
  error: strict({ ...RunError.properties }, about('Why the run ended early, or could not be cleaned up.')),
  end: strict({ atMs: elapsed, interrupted: flag }, about('The last record.')),
});
export type RunRecord = Static<typeof RunRecord>;

/** Records of a variant. */
export const VariantRecord = tagged('record', {
  configs: strict(
    { of: mapOf(Type.Unknown()), broker: nullable(BrokerOptions) },
    about('Configurations of the processes. `broker` has the options of the broker, null if unknown.'),
  ),
  'warm-up': strict(
    { unfinished: number, firstErrors: FirstErrors },
    about('Requests of the warm-up that did not end, and the reasons.'),
  ),
  scrape: strict(
    { process: text, atMs: when, afterHalt: flag, counters: mapOf(nullable(number)) },
    about(
      'All metrics of a process by series; null is NaN. `afterHalt` if a fault had stopped it until now.',
    ),
  ),
  started: strict({ atMs: when }, about('The load begins: scheduled times count from here.')),
  progress: strict({ ...Counts.properties }, about('What the generator reports every 250 ms.')),
  sample: strict(
    { atMs: when, processes: mapOf(nullable(mapOf(nullable(number)))) },
    about(
      "A few metrics of the processes on the variant's path, by process and series; null if a process did not respond.",
    ),
  ),
  'active-faults': strict({ atMs: when, names: list(text) }, about('Faults active from now on.')),
  fault: strict(
    { name: text, done: text, beganAtMs: when, endedAtMs: when },
    about('A fault was cleared, after it had been seen active.'),
  ),
  redrive: strict(
    {
      took: nullable(Span),
      redriven: list(text),
      repeated: list(text),
      skipped: list(object({ id: text, reason: text })),
      left: list(text),
      failure: nullable(text),
    },
    about('A redrive of dead letters ended, in the order of their times. Dead letters by their ids.'),
  ),
  unsteady: strict(
    { missed: list(HypothesisResult) },
    about('Conditions of the steady state that failed before the first fault, so that none was injected.'),
  ),
  summary: strict(
    {
      ...Counts.properties,
      startedAtMs: when,
      planned: Type.Integer({ minimum: 0, maximum: limits.requests }),
      accepted: number,
      duplicates: number,
      firstErrors: FirstErrors,
      cpuMs: number,
      rssPeakBytes: number,
    },
    about('What the generator reports at its end.'),
  ),
  remains: strict(
    {
      pending: indexes,
      behind: list(text),
      delivered: list(text),
      unacknowledged: number,
      dead: indexes,
      receipts: number,
      deliveries: Type.Optional(number),
    },
    about('What the broker still holds, on the event path.'),
  ),
  stalls: strict(
    { all: list(object({ ...Stall.properties, process: text })), incomplete: list(text) },
    about('Stalls of all processes. `incomplete` are those whose list was full.'),
  ),
  tampering: strict({ findings: list(text) }, about("Changes to the testbed that weren't the lab's.")),
  end: strict(
    { atMs: when, atWork: number },
    about('The last record: nothing moves any more, but for `atWork` attempts.'),
  ),
});
export type VariantRecord = Static<typeof VariantRecord>;
export type Of<K extends VariantRecord['record']> = Extract<VariantRecord, { record: K }>;
