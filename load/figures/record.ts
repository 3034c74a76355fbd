import { type FileHandle, open } from 'node:fs/promises';
import { limits } from '#load/arrivals/arrival.ts';
import { recordHeader } from '#load/protocol.ts';

/** The record can't be written: the disk is full, too slow, or not ours to write to. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

const chunkChars = 64 * 1024;
/** All requests of a load may fall due at once and find no connection: that is a line of 34 characters at most for each. */
const waitingCharsMax = 40 * limits.requests;

/** A CSV file that is written in large pieces behind the scenes. */
export class RecordFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #onError: (error: RecordError) => void;
  #waiting = `${recordHeader}\n`;
  #writing: Promise<void> | undefined;
  #error: RecordError | undefined;

  /** Creates the file, or empties it. `onError` is told once, as soon as the file can't be written any more. Throws RecordError. */
  static async create(file: string, onError: (error: RecordError) => void): Promise<RecordFile> {
    try {
      return new RecordFile(file, await open(file, 'w'), onError);
    } catch (cause) {
      throw new RecordError(`cannot write the record ${file}: ${(cause as Error).message}`, { cause });
    }
  }

  private constructor(file: string, handle: FileHandle, onError: (error: RecordError) => void) {
    this.#file = file;
    this.#handle = handle;
    this.#onError = onError;
  }

  /** Takes a line without its end; after an error, lines are ignored. */
  add(line: string): void {
    if (this.#error) return;
    this.#waiting += `${line}\n`;
    if (this.#waiting.length < chunkChars) return;
    if (!this.#writing) this.#write();
    else if (this.#waiting.length > waitingCharsMax) this.#fail('the disk does not keep up');
  }

  /** Resolves when all lines until now are in the file, or can't be written any more. */
  async flush(): Promise<void> {
    await this.#writing;
    if (!this.#writing && this.#waiting !== '') this.#write();
    await this.#writing;
  }

  /** Writes what is left. Throws RecordError when anything is missing from the file. */
  async close(): Promise<void> {
    await this.flush();
    await this.#handle.close().catch((cause) => this.#fail(cause.message, cause));
    if (this.#error) throw this.#error;
  }

  #write(): void {
    const text = this.#waiting;
    this.#waiting = '';
    this.#writing = this.#handle.appendFile(text).then(
      () => {
        this.#writing = undefined;
      },
      (cause) => this.#fail(cause.message, cause),
    );
  }

  #fail(reason: string, cause?: unknown): void {
    if (this.#error) return;
    this.#error = new RecordError(`cannot write the record ${this.#file}: ${reason}`, { cause });
    this.#waiting = '';
    this.#onError(this.#error);
  }
}
