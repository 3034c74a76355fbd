import { closeSync, openSync, writeSync } from 'node:fs';
import { recordHeader } from '#load/protocol.ts';
import type { RecordFile } from '#load/record.ts';

const chunkChars = 64 * 1024;

/**
 * Creates the record. Its methods write synchronously in large pieces, so that no virtual time passes, and fail like
 * `writeSync`.
 */
export async function createRecord(file: string): Promise<RecordFile> {
  const descriptor = openSync(file, 'w');
  let waiting = `${recordHeader}\n`;
  const write = () => {
    writeSync(descriptor, waiting);
    waiting = '';
  };
  return {
    async flush() {
      write();
    },
    add(line) {
      waiting += `${line}\n`;
      if (waiting.length >= chunkChars) write();
    },
    async close() {
      write();
      closeSync(descriptor);
    },
  };
}
