import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checker } from '#kit/schema/parser.ts';
import { EvidenceError } from './evidence-error.ts';
import { runIn, textFile } from './folder.ts';
import { evidenceFile, evidenceVersion, RunRecord } from './format.ts';
import { versionProblem } from './format-version.ts';
import { eachRecord } from './reader.ts';
import type { RunStore } from './store.ts';

/** Records of a run. The last records are missing if the lab was killed. */
export interface RunEvidence extends Pick<RunStore, 'folder' | 'variant' | 'simulations'> {
  readonly records: readonly RunRecord[];
}

/**
 * Reads the records of a run, or of a round. Ignores a last record that is incomplete because the lab was killed.
 * Rejects with EvidenceError.
 */
export async function readRun(folder: string): Promise<RunEvidence> {
  const records = await recordsIn(folder);
  if (records.length > 0) return { ...runIn(folder), records };
  const place = { file: join(folder, evidenceFile), record: 1 };
  throw new EvidenceError('expected the record run, got nothing', place);
}

async function recordsIn(folder: string): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  await eachRecord(textIn(folder), runProblems, (record: RunRecord, refuse) => {
    if (records.length === 0 && record.record !== 'run') refuse('expected the record run');
    if (record.record === 'end' && (record.checksum ?? checksumOf(records)) !== checksumOf(records))
      refuse('expected records as the run wrote them: their checksum differs, so the file was changed');
    records.push(record);
  });
  return records;
}

const textIn = (folder: string) => textFile(join(folder, evidenceFile));

const recordProblems = checker(RunRecord);

/** Reports another version of the format first, since other problems may follow from it. */
function runProblems(value: unknown): ReturnType<typeof recordProblems> {
  const { record, version } = (value ?? {}) as { record?: unknown; version?: unknown };
  const problem = record === 'run' ? versionProblem('evidence', version, evidenceVersion) : undefined;
  return problem === undefined ? recordProblems(value) : [{ pointer: '', message: problem }];
}

export const checksumOf = (records: readonly RunRecord[]): string =>
  createHash('sha256').update(JSON.stringify(records)).digest('hex');
