import { Worker } from 'node:worker_threads';
import { systemClock } from '#kit/clock.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { ClientError } from '#lab/world/client-error.ts';

/** Question to a thread, and the place in which it shows that its time moves. */
export interface ThreadData<Q> {
  readonly question: Q;
  readonly beat: Float64Array;
}

/** Message of a thread: a part of its work, or its end. */
export type FromThread<P, A> =
  | { readonly part: P }
  | { readonly answer: A }
  | { readonly failure: { readonly name: string; readonly message: string } };

interface Asking<P> {
  readonly signal?: AbortSignal | undefined;
  readonly onPart?: (part: P) => void;
  /** Time in which a client must hand back control, or finish loading. @default 20 s */
  readonly controlWithinMs?: number;
  /** True if the client's time is virtual. @default true */
  readonly isVirtual?: boolean;
}

/** Number of times that the thread is looked at until a client is given up. */
const checksMax = 10;

/**
 * Starts a thread that runs a client in virtual time, or in real time if `isVirtual` is false. Resolves with its answer.
 * Rejects with ClientError if the client keeps the thread busy, and with the reason of the signal. The thread has then
 * ended.
 */
export async function askClientThread<Q, A, P = never>(
  script: string,
  question: Q,
  { signal, onPart, controlWithinMs = 20_000, isVirtual = true }: Asking<P> = {},
): Promise<A> {
  signal?.throwIfAborted();
  const beat = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  beat[0] = Number.NaN; // until the thread has loaded Spillway's own code
  const worker = new Worker(script, { workerData: { question, beat } satisfies ThreadData<Q> });
  const ended = Promise.withResolvers<A>();
  const fail = (message: string, cause?: unknown) => ended.reject(new ClientError(message, cause));
  worker.on('message', (message: FromThread<P, A>) => {
    if ('part' in message) onPart?.(message.part);
    else if ('answer' in message) ended.resolve(message.answer);
    else {
      const { name, message: text } = message.failure;
      ended.reject(name === 'client' ? new ClientError(text) : new TestbedError(name, text));
    }
  });
  worker.on('error', (error) => fail(`the client's thread failed: ${error.message}`, error));
  worker.on('exit', (code) => fail(`the client ended its process with exit code ${code}`));
  const abort = () => ended.reject(signal!.reason);
  signal?.addEventListener('abort', abort);
  const stopWatching = watch(beat, controlWithinMs, (atMs) => {
    const kept = isVirtual ? `virtual time at ${atMs} ms` : 'its thread busy';
    fail(
      `the client kept ${kept} for ${controlWithinMs / 1000} s: expected it to wait for a timer or a call`,
    );
  });
  try {
    return await ended.promise;
  } finally {
    stopWatching();
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

/** Calls `stuck` if the time that a thread shows has stood still for `withinMs`. Returns a function that ends this. */
function watch(beat: Float64Array, withinMs: number, stuck: (atMs: number) => void): () => void {
  let lastMs = Number.NaN;
  let checks = 0;
  const check = () => {
    const nowMs = beat[0]!;
    // Counts checks, since a thread makes no progress either while this process is suspended.
    checks = nowMs === lastMs ? checks + 1 : 0;
    lastMs = nowMs;
    if (checks >= checksMax) stuck(nowMs);
    else timer = systemClock.after(withinMs / checksMax, check);
  };
  let timer = systemClock.after(withinMs / checksMax, check);
  return () => systemClock.cancel(timer);
}
