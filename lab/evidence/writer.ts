import { appendFileSync, closeSync, openSync } from 'node:fs';

/**
 * Writes records to a file, each as a line of JSON. Writes each record immediately, so that the record survives if the
 * process is killed.
 */
export class EvidenceWriter<R extends { readonly record: string }> {
  /** Rejects when a record can't be written. Never resolves. */
  readonly failed: Promise<never>;
  /** Reason why a record could not be written. Later records are not written. */
  failure: Error | undefined;
  readonly #fail: (reason: Error) => void;
  readonly #file: string;
  #descriptor: number | undefined;

  constructor(file: string) {
    this.#file = file;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.failed = promise;
    this.#fail = reject;
  }

  readonly write = (record: R): void => {
    if (this.failure) return;
    try {
      this.#descriptor ??= openSync(this.#file, 'w');
      appendFileSync(this.#descriptor, `${JSON.stringify(record)}\n`);
    } catch (error) {
      this.failure = error as Error;
      this.#fail(this.failure);
    }
  };

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
