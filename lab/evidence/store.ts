import type { Effect } from '#kit/wire.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { RecordFile, RecordLine } from '#load/record-file.ts';
import type { Effects, ToLab } from './effects.ts';
import type { RunRecord, VariantRecord } from './format.ts';
import type { VariantEvidence } from './reader.ts';
import type { Possible, Requests } from './requests.ts';
import type { SimulationEvidence } from './simulations.ts';
import type { Writer } from './writer.ts';

/** Evidence of a variant: kept while it is conducted, and read to judge it. Reading rejects with EvidenceError. */
export interface Store {
  /** Folder in which a thread may write the evidence. Undefined if the evidence is in memory. */
  readonly folder?: string;
  /** Takes the evidence of a store in memory, as a thread sends it. Undefined if the evidence is in a folder. */
  readonly keep?: (evidence: KeptEvidence) => void;
  prepare(): void;
  /** Returns the path of a file, for messages and for a process that writes it. */
  pathOf(file: string): string;
  /** Returns the writer of the records. With `atOnce`, each record survives if the process is killed. */
  writer(atOnce: boolean): Writer<VariantRecord>;
  /** Creates the record of a generator in this process. It writes synchronously, so that no virtual time passes. */
  createRecord(planned: number): RecordFile<RecordLine>;
  createEffects(): EffectLog;
  save(file: 'effects.ndjson' | 'attempts.ndjson', pieces: AsyncIterable<Uint8Array>): Promise<void>;
  records(experiment: Experiment, variant: string): Promise<VariantEvidence>;
  /** Reads the record of a load with `size` planned requests. */
  requests(size: number, isPossible?: Possible): Promise<Requests>;
  effects(size: number, toLab?: ToLab): Promise<Effects>;
  fillAttempts(requests: Pick<Requests, 'attempts'>): Promise<void>;
}

/** Evidence of a simulated variant in memory, as plain data. */
export interface KeptEvidence {
  readonly records: VariantEvidence;
  readonly requests: Requests;
  readonly effects: Effects;
}

export const recordFile = 'requests.csv';

export interface EffectLog {
  add(effect: Effect): void;
  clear(): void;
  pieces(): Iterable<Uint8Array>;
}

export interface RunStore {
  readonly folder: string;
  writer(): Writer<RunRecord>;
  variant(name: string): Store;
  /** Throws EvidenceError. */
  simulations(): SimulationEvidence | undefined;
}
