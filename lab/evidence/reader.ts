import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { checker } from '#kit/schema/schema.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { cut } from '#lab/text/format.ts';
import { serviceNames } from '#lab/topology/names.ts';
import { namesOf } from '#lab/topology/replicas.ts';
import { EvidenceError, type EvidencePlace, unreadable } from './evidence-error.ts';
import { evidenceFile, evidenceVersion, type Of, RunRecord, VariantRecord } from './format.ts';
import { eachLine } from './lines.ts';

/** Records of a run, as far as it came. */
export interface RunEvidence {
  readonly folder: string;
  readonly records: readonly RunRecord[];
}

const repeated: ReadonlySet<RunRecord['record']> = new Set(['round', 'variant', 'done', 'error']);

/** Reads the records of a run, up to where a killed lab has left off. Rejects with EvidenceError. */
export async function readRun(folder: string): Promise<RunEvidence> {
  const file = join(folder, evidenceFile);
  const records: RunRecord[] = [];
  const begun = new Set<string>();
  await eachRecord(file, runProblems, (record: RunRecord, number) => {
    const refuse = (message: string) => {
      throw new EvidenceError(message, { file, record: number });
    };
    if (number === 1 && record.record !== 'run') refuse('expected the record run');
    if (!repeated.has(record.record) && records.some((one) => one.record === record.record))
      refuse(`expected one record ${record.record}`);
    if (record.record === 'variant') begun.add(record.name);
    if (record.record === 'done' && !begun.delete(record.name))
      refuse(`expected a variant that has begun, and is not done, got ${record.name}`);
    records.push(record);
  });
  if (records.length === 0)
    throw new EvidenceError('expected the record run, got nothing', { file, record: 1 });
  return { folder, records };
}

/** Records that come any number of times. `progress` and `active-faults` matter only if a variant has no end. */
type Repeated = 'scrape' | 'sample' | 'fault' | 'redrive';
type Single = Exclude<VariantRecord['record'], Repeated | 'progress' | 'active-faults'>;
type Lists = { [K in Repeated as `${K}s`]: Of<K>[] };

/** Records of a variant that came to its end. */
export interface VariantEvidence
  extends Readonly<{ [K in Exclude<Single, 'remains'>]: Of<K> }>,
    Readonly<Lists> {
  readonly folder: string;
  /** Missing on the RPC path. */
  readonly remains?: Of<'remains'>;
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
  const file = join(folder, evidenceFile);
  const unknownIn = unknownNames(experiment);
  const single: Partial<Record<VariantRecord['record'], VariantRecord>> = {};
  const lists: Lists = { scrapes: [], samples: [], faults: [], redrives: [] };
  let last = 0;
  const isWhole = await eachRecord(file, variantProblems, (record: VariantRecord, number) => {
    last = number;
    const unknownName = unknownIn(record);
    if (unknownName) throw new EvidenceError(unknownName, { file, record: number });
    if (`${record.record}s` in lists) lists[`${record.record as Repeated}s`].push(record as never);
    else if (record.record !== 'progress' && record.record !== 'active-faults') {
      if (single[record.record])
        throw new EvidenceError(`expected one record ${record.record}`, { file, record: number });
      single[record.record] = record;
    }
  });
  const { path } = experiment.variants[name]!;
  const expected = path === 'event' ? [...singles, 'remains' as const] : singles;
  const missing = expected.find((name) => !single[name]);
  if (missing)
    throw new EvidenceError(
      `expected a record ${missing}, got ${isWhole ? 'the end of the file' : 'a part of one'}`,
      { file, record: isWhole ? last + 1 : last },
    );
  return { folder, ...lists, ...single } as unknown as VariantEvidence;
}

/** Returns a function that reports what in a record is unknown to the experiment. */
function unknownNames({ faults, redrives, replicas }: Experiment) {
  const processes: readonly string[] = serviceNames.flatMap((service) => namesOf(service, replicas[service]));
  const names = faults.map(({ name }) => name);
  let redriven = 0;
  let sampled: string | undefined;
  return (record: VariantRecord): string | undefined => {
    const found =
      record.record === 'scrape'
        ? [record.process]
        : record.record === 'sample'
          ? Object.keys(record.processes)
          : [];
    const unknownName = found.find((name) => !processes.includes(name));
    if (unknownName !== undefined)
      return `expected one of the processes ${processes.join(', ')}, got ${unknownName}`;
    if (record.record === 'fault' && !names.includes(record.name))
      return `expected one of the faults of the experiment, ${names.join(', ') || 'none'}, got ${record.name}`;
    if (record.record === 'redrive' && ++redriven > redrives.length)
      return `expected at most ${redrives.length} record redrive`;
    if (record.record !== 'sample') return undefined;
    // All samples must be of the same processes.
    const all = found.join(', ');
    sampled ??= all;
    return all === sampled ? undefined : `expected a sample of ${sampled}, got one of ${all || 'none'}`;
  };
}

/** Returns the last counts of a variant that came to no end; undefined without any. */
export async function lastProgress(folder: string): Promise<Of<'progress'> | undefined> {
  let last: Of<'progress'> | undefined;
  await eachRecord(join(folder, evidenceFile), variantProblems, (record: VariantRecord) => {
    if (record.record === 'progress') last = record;
  });
  return last;
}

type Problems = ReturnType<typeof checker>;

const lazily = (schema: TSchema): Problems => {
  let check: Problems | undefined;
  return (value) => {
    check ??= checker(schema);
    return check(value);
  };
};
const runProblems = lazily(RunRecord);
const variantProblems = lazily(VariantRecord);

/**
 * Calls `take` with each record of a file and its number. Returns false if the last one is cut off, as a killed lab leaves
 * it. Rejects with EvidenceError.
 */
async function eachRecord<R extends { readonly record: string }>(
  file: string,
  problems: Problems,
  take: (record: R, number: number) => void,
): Promise<boolean> {
  let isWhole = true;
  let isEnded = false;
  const add = (line: string, number: number, whole: boolean) => {
    isWhole &&= whole;
    if (!whole) return;
    const at = { file, record: number };
    const value = parsed(line, at);
    refuseVersion(value, at);
    if (isEnded) throw new EvidenceError('expected nothing after the record end', at);
    const [problem] = problems(value);
    if (problem)
      throw new EvidenceError(`${problem.pointer && `${problem.pointer}: `}${problem.message}`, at);
    const record = value as R;
    isEnded = record.record === 'end';
    take(record, number);
  };
  await eachLine(file, add).catch(unreadable(file));
  return isWhole;
}

function parsed(line: string, at: EvidencePlace): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new EvidenceError(`expected JSON: ${(cause as Error).message}`, { ...at, cause });
  }
}

/** Refuses another version before any other problem. */
function refuseVersion(value: unknown, at: EvidencePlace): void {
  const { record, version } = (value ?? {}) as { record?: unknown; version?: unknown };
  if (record !== 'run' || version === evidenceVersion) return;
  const got = version === undefined ? 'none' : cut(JSON.stringify(version), 40);
  throw new EvidenceError(`expected evidence of version ${evidenceVersion}, got ${got}`, at);
}
