import type { Sink } from './files.ts';

export interface Writer<R> {
  /** Rejects when a record can't be written. Never resolves. Later records are not written. */
  readonly failed: Promise<never>;
  write(record: R): void;
  /** Writes the waiting records. Throws if one can't be written, or could not be. */
  flush(): void;
  close(): void;
}

/** Writes lines of JSON, together once `waitingMax` characters wait. With 0 each survives if the process is killed. */
export function writerTo<R>(sink: Sink, waitingMax = 0): Writer<R> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  let failure: Error | undefined;
  let waiting = '';
  const writeWaiting = () => {
    const text = waiting;
    waiting = '';
    if (text === '') return;
    try {
      sink.write(text);
    } catch (error) {
      failure = error as Error;
      reject(failure);
    }
  };
  return {
    failed,
    write(record) {
      if (failure) return;
      waiting += `${JSON.stringify(record)}\n`;
      if (waiting.length > waitingMax) writeWaiting();
    },
    flush() {
      writeWaiting();
      if (failure) throw failure;
    },
    close() {
      writeWaiting();
      sink.close();
    },
  };
}
