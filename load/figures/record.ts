import { type FileHandle, open } from 'node:fs/promises';
import { limits } from '#load/arrivals/arrival.ts';
import { recordHeader } from '#load/protocol.ts';

/** Thrown if the record can't be written: the disk is full, too slow or read-only. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

const chunkChars = 64 * 1024;
/** Limit of unwritten text. All requests may fall due at once without a connection, with lines of up to 34 characters. */
const waitingCharsMax = 40 * limits.requests;

/** CSV file that is written in large pieces in the background. */
export class RecordFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #onError: (error: RecordError) => void;
  #waiting = `${recordHeader}\n`;
  #writing: Promise<void> | undefined;
  #error: RecordError | undefined;

  /** Creates or truncates the file. Calls `onError` once if the file can't be written later. Throws RecordError. */
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

  /** Adds a line, given without its end; ignored after an error. */
  add(line: string): void {
    if (this.#error) return;
    this.#waiting += `${line}\n`;
    if (this.#waiting.length < chunkChars) return;
    if (!this.#writing) this.#write();
    else if (this.#waiting.length > waitingCharsMax) this.#fail('the disk is too slow');
  }

  /** Resolves when all lines are written, or after an error. */
  async flush(): Promise<void> {
    await this.#writing;
    if (!this.#writing && this.#waiting !== '') this.#write();
    await this.#writing;
  }

  /** Writes the rest. Throws RecordError if a line is missing from the file. */
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
