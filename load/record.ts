import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { recordHeader } from './protocol.ts';
import type { RecordFile } from './record-file.ts';

const chunkChars = 64 * 1024;

/** Thrown if the record can't be written, e.g. since the disk is full or read-only. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** Creates or empties a file. Calls `onError` once if it can't be written later. Rejects with RecordError. */
export async function createRecord(file: string, onError: (error: RecordError) => void): Promise<RecordFile> {
  const errorOf = (cause: Error) =>
    new RecordError(`cannot write the record ${file}: ${cause.message}`, { cause });
  const stream = createWriteStream(file);
  await once(stream, 'open').catch((cause) => {
    throw errorOf(cause);
  });
  let waiting = `${recordHeader}\n`;
  let failure: RecordError | undefined;

  stream.on('error', (cause) => {
    if (failure) return;
    failure = errorOf(cause);
    onError(failure);
  });
  /** Resolves when all lines are written, or after an error. */
  const flush = async () => {
    const text = waiting;
    waiting = '';
    if (!stream.destroyed) await new Promise((resolve) => stream.write(text, resolve));
  };
  return {
    /** Does nothing after an error. */
    add(line: string): void {
      if (failure) return;
      waiting += `${line}\n`;
      if (waiting.length >= chunkChars) void flush();
    },
    /** Writes the remaining lines. Rejects with RecordError if a line is missing in the file. */
    async close(): Promise<void> {
      await flush();
      await new Promise<void>((resolve) => stream.close(() => resolve()));
      if (failure) throw failure;
    },
  };
}
