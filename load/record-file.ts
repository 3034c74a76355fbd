/** Record of the requests that have ended, which is written in large pieces. */
export interface RecordFile {
  /** Resolves when all lines are written, or after an error. */
  flush(): Promise<void>;
  /** Adds a line, given without its line break. Does nothing after an error. */
  add(line: string): void;
  /** Writes the remaining lines. Rejects with RecordError if a line is missing from the file. */
  close(): Promise<void>;
}

export const chunkChars = 64 * 1024;

/** Returns a record without a file. `report` receives its lines in large pieces. */
export function reportedRecord(report: (lines: string) => void): RecordFile {
  let waiting = '';
  const send = () => {
    if (waiting !== '') report(waiting);
    waiting = '';
  };
  return {
    async flush() {
      send();
    },
    add(line) {
      waiting += `${line}\n`;
      if (waiting.length >= chunkChars) send();
    },
    async close() {
      send();
    },
  };
}
