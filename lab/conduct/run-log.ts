import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Clock, wallTime } from '#kit/clock.ts';
import { isDiskFull } from '#kit/process/fs-errors.ts';
import { version } from '#kit/process/installation.ts';
import { StorageError } from '#kit/process/storage.ts';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { checksumOf, evidenceFile, evidenceVersion, type RunRecord } from '#lab/evidence/format.ts';
import { keepRecordings } from '#lab/evidence/recordings.ts';
import { EvidenceWriter } from '#lab/evidence/writer.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { printable } from '#lab/experiment/text/printable.ts';
import type { Result, RunError } from '#lab/result/result.ts';

export interface HeadOptions {
  readonly folder: string;
  readonly command: string;
  /** Index of the variant that is conducted first. @default 0 */
  readonly turn?: number | undefined;
  /** State of the machine before the first round. @default its current state */
  readonly machine?: Result['machine'] | undefined;
  readonly withoutFaults?: boolean | undefined;
  /** Names of the load agents; undefined if one generator sends all requests. */
  readonly agents?: readonly string[] | undefined;
}

/** Returns the first record of a run that begins now. Copies the recordings of the load into the folder. */
export function headOf(
  { name, file, source, experiment: { load, ...experiment }, instead = {}, leftOut }: ExperimentFile,
  { folder, command, turn = 0, machine = machineNow(), withoutFaults = false, agents }: HeadOptions,
) {
  return {
    record: 'run' as const,
    version: evidenceVersion,
    spillway: version,
    ...{ name, file, source, instead, command },
    experiment: { ...experiment, load: keepRecordings(load, folder) },
    startedAt: wallTime().toISOString(),
    machine,
    turn,
    withoutFaults,
    ...(leftOut && { leftOut }),
    ...(agents && { agents: [...agents] }),
  };
}

/** Records of a run. They are also written into the run's folder. */
export class RunLog {
  readonly records: RunRecord[] = [];
  /** Variant in progress and its counts; undefined between variants. */
  underWay: Pick<RunError, 'variant' | 'counts'> | undefined;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #writer: EvidenceWriter<RunRecord>;

  constructor(folder: string, clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = clock.now();
    this.#writer = new EvidenceWriter(join(folder, evidenceFile));
  }

  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAtMs;
  }

  /** Adds a record and writes it to the file. Throws if it can't be written. */
  add(record: RunRecord): void {
    this.#keep(record);
    if (this.#writer.failure) throw this.#writer.failure;
  }

  addError(error: Pick<RunError, 'name' | 'message' | 'variant' | 'counts'>): void {
    this.#keep({ record: 'error', ...printable(error) });
  }

  /** Records the reason of an early end. */
  endBy(error: unknown, signal: AbortSignal): void {
    this.addError({ ...(signal.aborted ? interruption(signal) : describe(error)), ...this.underWay });
  }

  /**
   * Records the end of the run and returns its duration. The run counts as interrupted only if it has no other errors.
   */
  end({ aborted }: AbortSignal): number {
    const interrupted =
      aborted && this.records.every((each) => each.record !== 'error' || each.name === 'interrupted');
    const atMs = this.elapsedMs;
    this.#keep({ record: 'end', atMs, interrupted, checksum: checksumOf(this.records) });
    return atMs;
  }

  close(): void {
    this.#writer.close();
  }

  #keep(record: RunRecord): void {
    this.records.push(record);
    this.#writer.write(record);
  }
}

const interruption = ({ reason }: AbortSignal): Pick<RunError, 'name' | 'message'> => ({
  name: 'interrupted',
  message: (reason as Error).message,
});

/** Describes an error for the result. Includes the stack trace of an unexpected error. */
export function describe(error: unknown): Pick<RunError, 'name' | 'message'> {
  if (error instanceof TestbedError) return { name: error.name, message: error.message };
  if (error instanceof EvidenceError) return { name: 'evidence', message: error.message };
  if (error instanceof StorageError) return { name: error.reason, message: error.message };
  if (isSystemError(error))
    return { name: isDiskFull(error) ? 'disk-full' : error.code, message: error.message };
  return { name: 'internal', message: (error as Error).stack ?? String(error) };
}

/** True if a system call failed, e.g. a write to a full disk. */
const isSystemError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && 'syscall' in error;

export function machineNow(): Result['machine'] {
  const all = cpus();
  return {
    node: process.version,
    nats: '',
    cpus: all.length,
    cpuModel: all[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadavg()[0]!,
  };
}
