import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { checker } from '#kit/schema/schema.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { cut } from '#lab/text/format.ts';
import { serviceNames } from '#lab/topology/names.ts';
import { namesOf } from '#lab/topology/replicas.ts';
import { EvidenceError, unreadable } from './evidence-error.ts';
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

type Single = Exclude<VariantRecord['record'], 'scrape' | 'sample' | 'fault' | 'redrive' | Running>;
/** Records that matter only where a variant has no end. */
type Running = 'progress' | 'active-faults';

/** Records of a variant that came to its end. */
export interface VariantEvidence extends Readonly<{ [K in Exclude<Single, 'remains'>]: Of<K> }> {
  readonly folder: string;
  /** Missing on the RPC path. */
  readonly remains?: Of<'remains'>;
  readonly scrapes: readonly Of<'scrape'>[];
  readonly samples: readonly Of<'sample'>[];
  readonly faults: readonly Of<'fault'>[];
  readonly redrives: readonly Of<'redrive'>[];
}

const expected: readonly Single[] = [
  'end',
  'configs',
  'warm-up',
  'started',
  'unsteady',
  'summary',
  'stalls',
  'tampering',
];

/** Reads the records of a variant of an experiment in its folder. Rejects with EvidenceError. */
export async function readVariant(
  folder: string,
  experiment: Experiment,
  name: string,
): Promise<VariantEvidence> {
  const file = join(folder, evidenceFile);
  const strangerIn = strangers(experiment);
  const single: Partial<Record<VariantRecord['record'], VariantRecord>> = {};
  const lists = { scrapes: [], samples: [], faults: [], redrives: [] } as {
    [K in 'scrape' | 'sample' | 'fault' | 'redrive' as `${K}s`]: Of<K>[];
  };
  let last = 0;
  const isWhole = await eachRecord(file, variantProblems, (record: VariantRecord, number) => {
    last = number;
    const stranger = strangerIn(record);
    if (stranger) throw new EvidenceError(stranger, { file, record: number });
    if (record.record === 'scrape') lists.scrapes.push(record);
    else if (record.record === 'sample') lists.samples.push(record);
    else if (record.record === 'fault') lists.faults.push(record);
    else if (record.record === 'redrive') lists.redrives.push(record);
    else if (record.record !== 'progress' && record.record !== 'active-faults') {
      if (single[record.record])
        throw new EvidenceError(`expected one record ${record.record}`, { file, record: number });
      single[record.record] = record;
    }
  });
  const { path } = experiment.variants[name]!;
  const missing = [...expected, ...(path === 'event' ? ['remains' as const] : [])].find(
    (name) => !single[name],
  );
  if (missing)
    throw new EvidenceError(
      `expected a record ${missing}, got ${isWhole ? 'the end of the file' : 'a part of one'}`,
      { file, record: isWhole ? last + 1 : last },
    );
  return { folder, ...lists, ...single } as unknown as VariantEvidence;
}

/** Returns a function that says what in a record the experiment doesn't have. */
function strangers({ faults, redrives, replicas }: Experiment) {
  const processes: readonly string[] = serviceNames.flatMap((service) => namesOf(service, replicas[service]));
  const names = faults.map(({ name }) => name);
  const inSample = strangersInSamples(processes);
  let redriven = 0;
  return (record: VariantRecord): string | undefined => {
    if (record.record === 'scrape' && !processes.includes(record.process))
      return `expected one of the processes ${processes.join(', ')}, got ${record.process}`;
    if (record.record === 'sample') return inSample(Object.keys(record.processes));
    if (record.record === 'fault' && !names.includes(record.name))
      return `expected one of the faults of the experiment, ${names.join(', ') || 'none'}, got ${record.name}`;
    if (record.record === 'redrive' && ++redriven > redrives.length)
      return `expected at most ${redrives.length} record redrive`;
    return undefined;
  };
}

/** The same of the processes in a sample, which must be those of the first one. */
function strangersInSamples(known: readonly string[]) {
  let first: string | undefined;
  return (names: readonly string[]): string | undefined => {
    const stranger = names.find((name) => !known.includes(name));
    if (stranger) return `expected one of the processes ${known.join(', ')}, got ${stranger}`;
    const all = names.join(', ');
    first ??= all;
    return all === first ? undefined : `expected a sample of ${first}, got one of ${all || 'none'}`;
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
  let ended = 0;
  const add = (line: string, number: number, whole: boolean) => {
    if (!whole) {
      isWhole = false;
      return;
    }
    const value = parsed(line, file, number);
    refuseVersion(value, file, number);
    if (ended > 0) throw new EvidenceError(`expected nothing after the record end`, { file, record: number });
    const [problem] = problems(value);
    if (problem)
      throw new EvidenceError(`${problem.pointer === '' ? '' : `${problem.pointer}: `}${problem.message}`, {
        file,
        record: number,
      });
    const record = value as R;
    if (record.record === 'end') ended = number;
    take(record, number);
  };
  await eachLine(file, add).catch(unreadable(file));
  return isWhole;
}

function parsed(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const message = `expected JSON: ${(cause as Error).message}`;
    throw new EvidenceError(message, { file, record: number, cause });
  }
}

/** Of another version nothing else is said. */
function refuseVersion(value: unknown, file: string, number: number): void {
  const { record, version } = (value ?? {}) as { record?: unknown; version?: unknown };
  if (record !== 'run' || version === evidenceVersion) return;
  const got = version === undefined ? 'none' : cut(JSON.stringify(version), 40);
  throw new EvidenceError(`expected evidence of version ${evidenceVersion}, got ${got}`, {
    file,
    record: number,
  });
}
