import type { Sink } from './files.ts';

export interface Writer<R> {
  /** Rejects when a record can't be written. Never resolves. */
  readonly failed: Promise<never>;
  /** Reason why a record could not be written. Later records are not written. */
  readonly failure: Error | undefined;
  write(record: R): void;
  flush(): void;
  close(): void;
}

/** Writes lines of JSON, together once `waitingMax` characters wait. With 0 each survives if the process is killed. */
export function writerTo<R>(sink: Sink, waitingMax = 0): Writer<R> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  let failure: Error | undefined;
  let waiting = '';
  const flush = () => {
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
    get failure() {
      return failure;
    },
    write(record) {
      if (failure) return;
      waiting += `${JSON.stringify(record)}\n`;
      if (waiting.length > waitingMax) flush();
    },
    flush,
    close() {
      flush();
      sink.close();
    },
  };
}
