import { closeSync, openSync } from 'node:fs';
import { recordHeader } from '#load/protocol.ts';
import type { RecordFile } from '#load/record-file.ts';
import { Lines, writeAll } from './lines.ts';

/**
 * Creates the record. Its methods write synchronously, so that no virtual time passes, and fail like `writeSync`.
 */
export async function createRecord(file: string): Promise<RecordFile> {
  const descriptor = openSync(file, 'w');
  const lines = new Lines((piece) => writeAll(descriptor, piece));
  lines.add(recordHeader);
  return {
    async flush() {
      lines.flush();
    },
    add: (line) => lines.add(line),
    async close() {
      lines.flush();
      closeSync(descriptor);
    },
  };
}
