import { join } from 'node:path';
import { checker } from '#kit/schema/parser.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { serviceNames } from '#lab/experiment/topology/names.ts';
import { namesOf } from '#lab/experiment/topology/replicas.ts';
import { versionProblem } from '#lab/result/format-version.ts';
import { EvidenceError } from './evidence-error.ts';
import { checksumOf, evidenceFile, evidenceVersion, type Of, RunRecord, VariantRecord } from './format.ts';
import { eachLine } from './lines.ts';

/** Records of a run. The last records are missing if the lab was killed. */
export interface RunEvidence {
  readonly folder: string;
  readonly records: readonly RunRecord[];
}

const repeated: ReadonlySet<string> = new Set(['round', 'slow-motion', 'variant', 'complete', 'error']);

/**
 * Reads the records of a run. Ignores a last record that is incomplete because the lab was killed. Rejects with
 * EvidenceError.
 */
export async function readRun(folder: string): Promise<RunEvidence> {
  const records: RunRecord[] = [];
  const begun = new Set<string>();
  await eachRecord(folder, runProblems, (record: RunRecord, refuse) => {
    const kind = record.record;
    if (records.length === 0 && kind !== 'run') refuse('expected the record run');
    if (!repeated.has(kind) && records.some((one) => one.record === kind))
      refuse(`expected one record ${kind}`);
    if (kind === 'variant') begun.add(record.name);
    if (kind === 'complete' && !begun.delete(record.name))
      refuse(`expected a variant that has begun, and is not complete, got ${record.name}`);
    if (kind === 'end' && (record.checksum ?? checksumOf(records)) !== checksumOf(records))
      refuse('expected records as the run wrote them: their checksum differs, so the file was changed');
    records.push(record);
  });
  const place = { file: join(folder, evidenceFile), record: 1 };
  if (records.length === 0) throw new EvidenceError('expected the record run, got nothing', place);
  return { folder, records };
}

/**
 * Records that may appear any number of times. `progress` and `active-faults` are left out, since they matter only for
 * a variant without the record `end`.
 */
type Repeated = 'scrape' | 'sample' | 'fault' | 'redrive';
type Single = Exclude<VariantRecord['record'], Repeated | 'progress' | 'active-faults'>;
type Lists = { [K in Repeated as `${K}s`]: Of<K>[] };

/** Records of a complete variant. */
export interface VariantEvidence
  extends Readonly<{ [K in Exclude<Single, 'remains' | 'clocks'>]: Of<K> }>,
    Readonly<Lists> {
  readonly folder: string;
  /** Missing on the RPC path. */
  readonly remains?: Of<'remains'>;
  /** Missing in a simulation. */
  readonly clocks?: Of<'clocks'>;
}

const singles = [
  'end',
  'configs',
  'warm-up',
  'started',
  'unsteady',
  'summary',
  'stalls',
  'tampering',
] as const;

/** Reads the records of a variant of an experiment in its folder. Rejects with EvidenceError. */
export async function readVariant(
  folder: string,
  experiment: Experiment,
  name: string,
): Promise<VariantEvidence> {
  const refuseUnknown = unknownNames(experiment);
  const single: Partial<Record<VariantRecord['record'], VariantRecord>> = {};
  const lists: Lists = { scrapes: [], samples: [], faults: [], redrives: [] };
  const { count, isWhole } = await eachRecord(folder, variantProblems, (record: VariantRecord, refuse) => {
    refuseUnknown(record, refuse);
    const kind = record.record;
    if (`${kind}s` in lists) lists[`${kind as Repeated}s`].push(record as never);
    else if (kind !== 'progress' && kind !== 'active-faults') {
      if (single[kind]) refuse(`expected one record ${kind}`);
      single[kind] = record;
    }
  });
  const { path } = experiment.variants[name]!;
  const expected = path === 'event' ? [...singles, 'remains' as const] : singles;
  const missing = expected.find((kind) => !single[kind]);
  if (missing)
    throw new EvidenceError(
      `expected a record ${missing}, got ${isWhole ? 'the end of the file' : 'a part of one'}`,
      { file: join(folder, evidenceFile), record: count + 1 },
    );
  return { folder, ...lists, ...single } as unknown as VariantEvidence;
}

/**
 * Returns a function that checks each record. It refuses processes, faults and redrives that the experiment doesn't
 * have.
 */
function unknownNames({ faults, redrives, replicas }: Experiment) {
  const processes: readonly string[] = serviceNames.flatMap((service) => namesOf(service, replicas[service]));
  const names = faults.map(({ name }) => name);
  let redriven = 0;
  let sampled: string | undefined;
  const refuseProcess = (found: readonly string[], refuse: Refuse) => {
    const unknown = found.find((name) => !processes.includes(name));
    if (unknown !== undefined)
      refuse(`expected one of the processes ${processes.join(', ')}, got ${unknown}`);
  };
  return (record: VariantRecord, refuse: Refuse): void => {
    if (record.record === 'scrape') refuseProcess([record.process], refuse);
    if (record.record === 'fault' && !names.includes(record.name))
      refuse(
        `expected one of the faults of the experiment, ${names.join(', ') || 'none'}, got ${record.name}`,
      );
    if (record.record === 'redrive' && ++redriven > redrives.length)
      refuse(`expected at most ${redrives.length} record redrive`);
    if (record.record !== 'sample') return;
    refuseProcess(Object.keys(record.processes), refuse);
    // All samples must be of the same processes.
    const all = Object.keys(record.processes).join(', ');
    sampled ??= all;
    if (all !== sampled) refuse(`expected a sample of ${sampled}, got one of ${all || 'none'}`);
  };
}

/** Returns the last counts of an unfinished variant; undefined if its records have none. */
export async function lastProgress(folder: string): Promise<Of<'progress'> | undefined> {
  let last: Of<'progress'> | undefined;
  await eachRecord(folder, variantProblems, (record: VariantRecord) => {
    if (record.record === 'progress') last = record;
  });
  return last;
}

type Problems = ReturnType<typeof checker>;

const runProblems = checker(RunRecord);
const variantProblems = checker(VariantRecord);

/** Throws EvidenceError with the position of the current record. */
type Refuse = (message: string, cause?: unknown) => never;

/**
 * Calls `take` with each record of a folder's file, and returns their number. `isWhole` is false if the last record is
 * incomplete because the lab was killed. Rejects with EvidenceError.
 */
async function eachRecord<R extends { readonly record: string }>(
  folder: string,
  problems: Problems,
  take: (record: R, refuse: Refuse) => void,
): Promise<{ count: number; isWhole: boolean }> {
  const file = join(folder, evidenceFile);
  const read = { count: 0, isWhole: true };
  let isEnded = false;
  const add = (line: string, number: number, isWhole: boolean) => {
    read.isWhole = isWhole;
    if (!isWhole) return;
    const refuse: Refuse = (message, cause) => {
      throw new EvidenceError(message, { file, record: number, cause });
    };
    const value = parsed(line, refuse);
    refuseVersion(value, refuse);
    if (isEnded) refuse('expected nothing after the record end');
    const [problem] = problems(value);
    if (problem) refuse(`${problem.pointer && `${problem.pointer}: `}${problem.message}`);
    const record = value as R;
    isEnded = record.record === 'end';
    take(record, refuse);
    read.count = number;
  };
  await eachLine(file, add);
  return read;
}

function parsed(line: string, refuse: Refuse): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    return refuse(`expected JSON: ${(cause as Error).message}`, cause);
  }
}

/** Refuses another version of the format first, since other problems may follow from it. */
function refuseVersion(value: unknown, refuse: Refuse): void {
  const { record, version } = (value ?? {}) as { record?: unknown; version?: unknown };
  const problem = record === 'run' ? versionProblem('evidence', version, evidenceVersion) : undefined;
  if (problem !== undefined) refuse(problem);
}
