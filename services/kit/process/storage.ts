import type { Counter } from 'prom-client';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { isDiskFull, refusalOf } from './fs-errors.ts';

/** Why something can't be kept: there is no space for it, or the disk refuses it otherwise. */
export const storageReasons = ['disk-full', 'disk'] as const;
export type StorageReason = (typeof storageReasons)[number];

/** What must be kept, an effect or an event, can't be. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly statusCode = 507;
  readonly reason: StorageReason;

  constructor(reason: StorageReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }

  /** That of a file which the system refused to write. */
  static ofFile(what: string, cause: unknown): StorageError {
    const reason = isDiskFull(cause) ? 'disk-full' : 'disk';
    return new StorageError(reason, `${what} can't be written: ${refusalOf(cause)}`, cause);
  }
}

/** Whether a service can keep what it must: counts what it could not, and knows why until something is kept again. */
export class Storage {
  readonly #failures: Counter<string>;
  readonly #log: Logger;
  #broken: string | undefined;

  constructor(metrics: Metrics, log: Logger) {
    this.#failures = metrics.counter('spillway_storage_failures_total');
    this.#log = log;
  }

  /** Why nothing can be kept right now. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** Something was kept. */
  kept(): void {
    if (this.#broken !== undefined) this.#log.warn('storing again');
    this.#broken = undefined;
  }

  /** Something failed; only a StorageError says anything about the storage. */
  failed(error: unknown): void {
    if (!(error instanceof StorageError)) return;
    this.#failures.inc({ reason: error.reason });
    if (this.#broken === undefined) this.#log.warn(error.message);
    this.#broken = error.message;
  }

  /** Follows an attempt to keep something. */
  async following<T>(attempt: Promise<T>): Promise<T> {
    try {
      const result = await attempt;
      this.kept();
      return result;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }
}
