import { cpus, loadavg, totalmem } from 'node:os';
import { wallTime } from '#kit/clock.ts';
import { version } from '#kit/process/installation.ts';
import { StorageError } from '#kit/process/storage.ts';
import { isDiskFull } from '#kit/system-errors.ts';
import type { RunError } from '#lab/evidence/conditions.ts';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { evidenceVersion, type RunRecord } from '#lab/evidence/format.ts';
import { checksumOf } from '#lab/evidence/read-run.ts';
import type { Writer } from '#lab/evidence/writer.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { printable } from '#lab/kit/text/printable.ts';
import type { Stopwatch } from '#lab/world/world.ts';
import type { RunPlan } from './plan.ts';

/** Returns the first record of a run that begins now. */
export function headOf({ file: read, world, commandOf, withoutFaults = false, label, round }: RunPlan) {
  const { name, file, source, instead = {}, leftOut } = read;
  return {
    record: 'run' as const,
    version: evidenceVersion,
    spillway: version,
    ...{ name, file, source, instead, command: commandOf(read.experiment) },
    experiment: read.experiment,
    startedAt: wallTime().toISOString(),
    machine: round?.machine ?? machineNow(),
    turn: round?.turn ?? 0,
    ...(label !== undefined && { label }),
    withoutFaults,
    ...(leftOut && { leftOut }),
    ...(world.isSimulated && { simulated: true as const }),
  };
}

/** Records of a run. They are also written. */
export class RunLog {
  readonly records: RunRecord[] = [];
  /** Variant in progress and its counts; undefined between variants. */
  underWay: Pick<RunError, 'variant' | 'counts'> | undefined;
  readonly #stopwatch: Stopwatch;
  readonly #writer: Writer<RunRecord>;

  constructor(writer: Writer<RunRecord>, stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
    this.#writer = writer;
  }

  get elapsedMs(): number {
    return this.#stopwatch.now();
  }

  /** Adds a record and writes it to the file. Throws if it can't be written. */
  add(record: RunRecord): void {
    this.#keep(record);
    this.#writer.flush();
  }

  addError(error: Pick<RunError, 'name' | 'message' | 'variant' | 'counts'>): void {
    this.#keep({ record: 'error', ...printable(error) });
  }

  endBy(error: unknown, signal: AbortSignal): void {
    const reason = signal.aborted
      ? { name: 'interrupted', message: (signal.reason as Error).message }
      : describe(error);
    this.addError({ ...reason, ...this.underWay });
  }

  /** Records the end, and returns the duration. A run is interrupted only if it has no other errors. */
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

/** Describes an error for the result. Includes the stack trace of an unexpected error. */
export function describe(error: unknown): Pick<RunError, 'name' | 'message'> {
  if (error instanceof TestbedError) return { name: error.name, message: error.message };
  if (error instanceof EvidenceError) return { name: 'evidence', message: error.message };
  if (error instanceof StorageError) return { name: error.reason, message: error.message };
  if (isSystemError(error))
    return { name: isDiskFull(error) ? 'disk-full' : error.code, message: error.message };
  return { name: 'internal', message: (error as Error).stack ?? String(error) };
}

const isSystemError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && 'syscall' in error;

function machineNow(): Result['machine'] {
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
