import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { limits } from './arrivals/arrival.ts';
import { recordHeader } from './protocol.ts';
import { chunkChars, type RecordFile } from './record-file.ts';

/** Thrown if the record can't be written, since the disk is full, too slow or read-only. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/**
 * Limit on the bytes that wait to be written. It allows for requests that are all scheduled at the same time and end
 * without a connection, with lines of up to 34 characters.
 */
const waitingBytesMax = 40 * limits.requests;

/**
 * Creates the file, or empties an existing one. Calls `onError` once if the file can't be written later. Rejects with
 * RecordError.
 */
export async function createRecord(file: string, onError: (error: RecordError) => void): Promise<RecordFile> {
  const errorOf = (reason: string, cause?: unknown) =>
    new RecordError(`cannot write the record ${file}: ${reason}`, { cause });
  const stream = createWriteStream(file);
  await once(stream, 'open').catch((cause) => {
    throw errorOf(cause.message, cause);
  });
  let waiting = `${recordHeader}\n`;
  let failure: RecordError | undefined;

  const fail = (reason: string, cause?: unknown) => {
    if (failure) return;
    failure = errorOf(reason, cause);
    stream.destroy(); // drops waiting lines
    onError(failure);
  };
  stream.on('error', (cause) => fail(cause.message, cause));
  /** Resolves when all lines are written, or after an error. */
  const flush = async () => {
    const text = waiting;
    waiting = '';
    if (!stream.destroyed) await new Promise((resolve) => stream.write(text, resolve));
  };
  return {
    /** Adds a line, given without its line break. Does nothing after an error. */
    add(line: string): void {
      if (failure) return;
      waiting += `${line}\n`;
      if (waiting.length < chunkChars) return;
      void flush();
      if (stream.writableLength > waitingBytesMax) fail('the disk is too slow');
    },
    /** Writes the remaining lines. Rejects with RecordError if a line is missing from the file. */
    async close(): Promise<void> {
      await flush();
      await new Promise<void>((resolve) => stream.close(() => resolve()));
      if (failure) throw failure;
    },
  };
}
