import { appendFileSync, closeSync, openSync } from 'node:fs';

interface WriterOptions {
  /**
   * Characters that may wait before they are written together. With 0, each record is written immediately, so that it
   * survives if the process is killed. @default 0
   */
  readonly waitingMax?: number;
}

/** Writes records to a file, each as a line of JSON. */
export class EvidenceWriter<R extends { readonly record: string }> {
  /** Rejects when a record can't be written. Never resolves. */
  readonly failed: Promise<never>;
  /** Reason why a record could not be written. Later records are not written. */
  failure: Error | undefined;
  readonly #fail: (reason: Error) => void;
  readonly #file: string;
  readonly #waitingMax: number;
  #waiting = '';
  #descriptor: number | undefined;

  constructor(file: string, { waitingMax = 0 }: WriterOptions = {}) {
    this.#file = file;
    this.#waitingMax = waitingMax;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.failed = promise;
    this.#fail = reject;
  }

  readonly write = (record: R): void => {
    if (this.failure) return;
    this.#waiting += `${JSON.stringify(record)}\n`;
    if (this.#waiting.length > this.#waitingMax) this.flush();
  };

  /** Writes the waiting records. */
  flush(): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (text === '') return;
    try {
      this.#descriptor ??= openSync(this.#file, 'w');
      appendFileSync(this.#descriptor, text);
    } catch (error) {
      this.failure = error as Error;
      this.#fail(this.failure);
    }
  }

  close(): void {
    this.flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
