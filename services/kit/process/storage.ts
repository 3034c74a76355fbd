import type { Counter } from '#kit/counters.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { isDiskFull, refusalOf } from '#kit/system-errors.ts';

export const storageReasons = ['disk-full', 'disk'] as const;
export type StorageReason = (typeof storageReasons)[number];

/** Thrown if an effect, event, dead letter or configuration can't be stored. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly statusCode = 507;
  readonly reason: StorageReason;

  constructor(reason: StorageReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }

  static ofFile(what: string, cause: unknown): StorageError {
    const reason = isDiskFull(cause) ? 'disk-full' : 'disk';
    return new StorageError(reason, `${what} can't be written: ${refusalOf(cause)}`, cause);
  }
}

/** Counts failures to store, and keeps the reason of the last failure until the next success. */
export class Storage {
  readonly #failures: Counter;
  readonly #log: Logger;
  /** Reason of the last failure; undefined after a success. */
  broken: string | undefined;

  constructor(metrics: Metrics, log: Logger) {
    this.#failures = metrics.counter('spillway_storage_failures_total');
    this.#log = log;
  }

  stored(): void {
    if (this.broken !== undefined) this.#log.warn('storing again');
    this.broken = undefined;
  }

  /** Records a failure. Ignores errors other than StorageError. */
  failed(error: unknown): void {
    if (!(error instanceof StorageError)) return;
    this.#failures.inc({ reason: error.reason });
    if (this.broken === undefined) this.#log.warn(error.message);
    this.broken = error.message;
  }

  /** Records the result of an attempt to store, and resolves or rejects like the attempt. */
  async following<T>(attempt: Promise<T>): Promise<T> {
    try {
      const result = await attempt;
      this.stored();
      return result;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }
}
