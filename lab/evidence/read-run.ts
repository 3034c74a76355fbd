import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checker } from '#kit/schema/parser.ts';
import { EvidenceError } from './evidence-error.ts';
import { runIn, textFile } from './folder.ts';
import { evidenceFile, evidenceVersion, type Of, RunRecord, type VariantRecord } from './format.ts';
import { versionProblem } from './format-version.ts';
import { eachRecord, variantProblems } from './reader.ts';
import type { RunStore } from './store.ts';

/** Records of a run. The last records are missing if the lab was killed. */
export interface RunEvidence extends Pick<RunStore, 'folder' | 'variant' | 'simulations'> {
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
  await eachRecord(textIn(folder), runProblems, (record: RunRecord, refuse) => {
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
  return { ...runIn(folder), records };
}

const textIn = (folder: string) => textFile(join(folder, evidenceFile));

const recordProblems = checker(RunRecord);

/** Reports another version of the format first, since other problems may follow from it. */
function runProblems(value: unknown): ReturnType<typeof recordProblems> {
  const { record, version } = (value ?? {}) as { record?: unknown; version?: unknown };
  const problem = record === 'run' ? versionProblem('evidence', version, evidenceVersion) : undefined;
  return problem === undefined ? recordProblems(value) : [{ pointer: '', message: problem }];
}

/** Returns the last counts of an unfinished variant; undefined if its records have none. */
export async function lastProgress(folder: string): Promise<Of<'progress'> | undefined> {
  let last: Of<'progress'> | undefined;
  await eachRecord(textIn(folder), variantProblems, (record: VariantRecord) => {
    if (record.record === 'progress') last = record;
  });
  return last;
}

/** Returns the checksum of a run's records. */
export const checksumOf = (records: readonly RunRecord[]): string =>
  createHash('sha256').update(JSON.stringify(records)).digest('hex');
