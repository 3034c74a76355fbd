import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checker } from '#kit/schema/parser.ts';
import { EvidenceError } from './evidence-error.ts';
import { rerunFolder, roundFolder, runIn, textFile } from './folder.ts';
import { evidenceFile, evidenceVersion, RunRecord } from './format.ts';
import { versionProblem } from './format-version.ts';
import { eachRecord } from './reader.ts';
import type { RunStore } from './store.ts';

/** Records of a run. The last records are missing if the lab was killed. */
export interface RunEvidence extends Pick<RunStore, 'folder' | 'variant' | 'simulations'> {
  readonly records: readonly RunRecord[];
  /** Later tries of variants, the oldest first. @default none */
  readonly reruns?: readonly Rerun[];
}

export interface Rerun {
  readonly folder: string;
  readonly startedAt: string;
  readonly variants: readonly string[];
  /** True if it ended without an error. Only then its evidence counts. */
  readonly isFinished: boolean;
  /** Machine on which it ran, if it is another one than that of the run. */
  readonly otherMachine?: string | undefined;
}

/** End of the name of a rerun's folder until its evidence is complete. */
export const unfinished = '-unfinished';

/** Ignores a last record that is incomplete because the lab was killed. Rejects with EvidenceError. */
export async function readRun(folder: string): Promise<RunEvidence> {
  const records = await recordsIn(folder);
  return evidenceOf(folder, records, await rerunsIn(folder, headOf(folder, records)));
}

/** Reads the records of a round like `readRun`. */
export async function readRound({ folder, reruns = [] }: RunEvidence, seed: number): Promise<RunEvidence> {
  const own = roundFolder(folder, seed);
  const records = await recordsIn(own);
  headOf(own, records);
  const rounds = reruns.map((rerun) => ({ ...rerun, folder: roundFolder(rerun.folder, seed) }));
  return evidenceOf(own, records, rounds);
}

function headOf(folder: string, [head]: readonly RunRecord[]): Head {
  if (head?.record === 'run') return head;
  const place = { file: join(folder, evidenceFile), record: 1 };
  throw new EvidenceError('expected the record run, got nothing', place);
}

function evidenceOf(folder: string, records: readonly RunRecord[], reruns: readonly Rerun[]): RunEvidence {
  const run = { folder, records, reruns };
  const newest = (name: string) =>
    reruns.findLast(({ isFinished, variants }) => isFinished && variants.includes(name));
  return {
    ...run,
    variant: (name) => runIn(newest(name)?.folder ?? folder).variant(name),
    simulations: () => runIn(newestFolder(run)).simulations(),
  };
}

/** Returns the folder of the newest evidence of a run. The simulations beside the run belong to that. */
export const newestFolder = ({ folder, reruns = [] }: Pick<RunEvidence, 'folder' | 'reruns'>): string =>
  reruns.findLast(({ isFinished }) => isFinished)?.folder ?? folder;

type Head = Extract<RunRecord, { record: 'run' }>;

const isOf = (run: Head, rerun: Head): boolean =>
  run.source === rerun.source &&
  run.spillway === rerun.spillway &&
  run.experiment.seed === rerun.experiment.seed &&
  run.simulated === rerun.simulated;

async function rerunsIn(folder: string, run: Head): Promise<Rerun[]> {
  const all = rerunFolder(folder, '');
  const names = statSync(all, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(all).sort() : [];
  const reruns = names.map(async (name): Promise<Rerun[]> => {
    const own = rerunFolder(folder, name);
    // One that was killed before its first record has conducted nothing.
    const [head] = existsSync(join(own, evidenceFile)) ? await recordsIn(own) : [];
    if (head?.record !== 'run') return [];
    const { startedAt, experiment } = head;
    if (!isOf(run, head))
      throw new EvidenceError('expected a try of the same file, seed and version as the run', {
        file: join(own, evidenceFile),
      });
    const isFinished = !name.endsWith(unfinished);
    const [machine, before] = [head, run].map(({ machine }) => `${machine.cpus} × ${machine.cpuModel}`);
    const otherMachine = machine === before ? undefined : machine;
    return [{ folder: own, startedAt, variants: Object.keys(experiment.variants), isFinished, otherMachine }];
  });
  return (await Promise.all(reruns)).flat();
}

async function recordsIn(folder: string): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  const text = textFile(join(folder, evidenceFile));
  await eachRecord(text, runProblems, (record: RunRecord, refuse) => {
    if (records.length === 0 && record.record !== 'run') refuse('expected the record run');
    if (record.record === 'end' && (record.checksum ?? checksumOf(records)) !== checksumOf(records))
      refuse('expected records as the run wrote them: their checksum differs, so the file was changed');
    records.push(record);
  });
  return records;
}

const recordProblems = checker(RunRecord);

/** Reports another version of the format first, since other problems may follow from it. */
function runProblems(value: unknown): ReturnType<typeof recordProblems> {
  const { record, version } = (value ?? {}) as { record?: unknown; version?: unknown };
  const problem = record === 'run' ? versionProblem('evidence', version, evidenceVersion) : undefined;
  return problem === undefined ? recordProblems(value) : [{ pointer: '', message: problem }];
}

export const checksumOf = (records: readonly RunRecord[]): string =>
  createHash('sha256').update(JSON.stringify(records)).digest('hex');
