import { checker } from '#kit/schema/parser.ts';
import type { Path } from '#kit/wire.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { EvidenceError } from './evidence-error.ts';
import type { Text } from './files.ts';
import { type Of, VariantRecord } from './format.ts';
import { eachLine } from './lines.ts';

/** Kinds with several records. `progress` and `active-faults` matter only without the record `end`. */
type Repeated = 'scrape' | 'sample' | 'fault' | 'redrive';
type Single = Exclude<VariantRecord['record'], Repeated | 'progress' | 'active-faults'>;
type Lists = { [K in Repeated as `${K}s`]: Of<K>[] };

export interface VariantEvidence
  extends Readonly<{ [K in Exclude<Single, 'remains' | 'clocks' | 'unsteady'>]: Of<K> }>,
    Readonly<Lists> {
  /** Missing on the RPC path. */
  readonly remains?: Of<'remains'>;
  /** Missing in a simulation. */
  readonly clocks?: Of<'clocks'>;
}

const singles = ['end', 'configs', 'warm-up', 'started', 'summary', 'stalls', 'tampering'] as const;

export class VariantRecords {
  readonly #single: Partial<Record<VariantRecord['record'], VariantRecord>> = {};
  readonly #lists: Lists = { scrapes: [], samples: [], faults: [], redrives: [] };

  /** Returns false for a second record of a kind that may appear once. */
  add(record: VariantRecord): boolean {
    const kind = record.record;
    if (`${kind}s` in this.#lists) this.#lists[`${kind as Repeated}s`].push(record as never);
    else if (kind !== 'progress' && kind !== 'active-faults') {
      if (this.#single[kind]) return false;
      this.#single[kind] = record;
    }
    return true;
  }

  missing(path: Path): string | undefined {
    const expected = path === 'event' ? [...singles, 'remains' as const] : singles;
    return expected.find((kind) => !this.#single[kind]);
  }

  get all(): VariantEvidence {
    return { ...this.#lists, ...this.#single } as unknown as VariantEvidence;
  }
}

/** Reads the records of a variant of an experiment. Rejects with EvidenceError. */
export async function readVariant(
  text: Text,
  experiment: Experiment,
  name: string,
): Promise<VariantEvidence> {
  const refuseUnknown = unknownNames(experiment);
  const records = new VariantRecords();
  const { count, isWhole } = await eachRecord(text, variantProblems, (record: VariantRecord, refuse) => {
    refuseUnknown(record, refuse);
    if (!records.add(record)) refuse(`expected one record ${record.record}`);
  });
  const missing = records.missing(experiment.variants[name]!.path);
  if (missing)
    throw new EvidenceError(
      `expected a record ${missing}, got ${isWhole ? 'the end of the file' : 'a part of one'}`,
      { file: text.path, record: count + 1 },
    );
  return records.all;
}

function unknownNames({ faults, redrives }: Experiment) {
  const names = faults.map(({ name }) => name);
  let redriven = 0;
  return (record: VariantRecord, refuse: Refuse): void => {
    if (record.record === 'fault' && !names.includes(record.name))
      refuse(
        `expected one of the faults of the experiment, ${names.join(', ') || 'none'}, got ${record.name}`,
      );
    if (record.record === 'redrive' && ++redriven > redrives.length)
      refuse(`expected at most ${redrives.length} record redrive`);
  };
}

const variantProblems = checker(VariantRecord);

/** Throws EvidenceError with the position of the current record. */
type Refuse = (message: string, cause?: unknown) => never;

/** `isWhole` is false if the lab was killed while it wrote the last record. Rejects with EvidenceError. */
export async function eachRecord<R extends { readonly record: string }>(
  text: Text,
  problems: ReturnType<typeof checker>,
  take: (record: R, refuse: Refuse) => void,
): Promise<{ count: number; isWhole: boolean }> {
  const file = text.path;
  const read = { count: 0, isWhole: true };
  let isEnded = false;
  await eachLine(text, (line, number, isWhole) => {
    read.isWhole = isWhole;
    if (!isWhole) return;
    const refuse: Refuse = (message, cause) => {
      throw new EvidenceError(message, { file, record: number, cause });
    };
    const value = parsed(line, refuse);
    if (isEnded) refuse('expected nothing after the record end');
    const [problem] = problems(value);
    if (problem) refuse(`${problem.pointer && `${problem.pointer}: `}${problem.message}`);
    const record = value as R;
    isEnded = record.record === 'end';
    take(record, refuse);
    read.count = number;
  });
  return read;
}

function parsed(line: string, refuse: Refuse): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    return refuse(`expected JSON: ${(cause as Error).message}`, cause);
  }
}
