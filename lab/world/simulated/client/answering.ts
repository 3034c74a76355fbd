import { parentPort, workerData } from 'node:worker_threads';
import type { Clock } from '#kit/clock.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { FromThread, ThreadData } from './thread.ts';

/** Timer in real time, even after a kernel has replaced the global one. */
const { setInterval } = globalThis;

/** Question to this thread. */
export const asked = <Q>(): Q => (workerData as ThreadData<Q>).question;

/** Answers the question to this thread, which runs a client by the clock. `tell` sends a part of the work. */
export async function answerInThread<A, P = never>(
  clock: Clock,
  answer: (tell: (part: P) => void) => Promise<A>,
): Promise<void> {
  const { beat } = workerData as ThreadData<unknown>;
  const show = () => {
    beat[0] = clock.now();
  };
  show();
  setInterval(show, 100);
  const send = (message: FromThread<P, A>) => parentPort!.postMessage(message);
  try {
    send({ answer: await answer((part) => send({ part })) });
  } catch (error) {
    const { name, message, stack } = error as Error;
    const isKnown = error instanceof TestbedError;
    send({ failure: isKnown ? { name, message } : { name: 'internal', message: stack ?? message } });
  }
}
