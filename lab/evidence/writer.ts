import { appendFileSync, closeSync, openSync } from 'node:fs';

/**
 * Writes records to a file of its own, each as a line of JSON. Writes at once, so that a killed process leaves all that it
 * saw.
 */
export class EvidenceWriter<R extends { readonly record: string }> {
  /** Rejects once a record can't be written; never resolves. */
  readonly failed: Promise<never>;
  /** Reason why a record could not be written; nothing is written after it. */
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
