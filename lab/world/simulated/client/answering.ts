import { parentPort, workerData } from 'node:worker_threads';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import { type ClientKernel, openKernel } from './kernel.ts';
import type { FromThread, ThreadData } from './thread.ts';

/** Answers the question to this thread, which runs a client. */
export async function answerInThread<Q extends { readonly seed: number }, A, P = never>(
  answer: (question: Q, kernel: ClientKernel, tell: (part: P) => void) => Promise<A>,
): Promise<void> {
  const { question, beat } = workerData as ThreadData<Q>;
  const { setInterval } = globalThis;
  const kernel = openKernel(question.seed);
  beat[0] = kernel.clock.now();
  setInterval(() => {
    beat[0] = kernel.clock.now();
  }, 100);
  const send = (message: FromThread<P, A>) => parentPort!.postMessage(message);
  try {
    send({ answer: await answer(question, kernel, (part) => send({ part })) });
  } catch (error) {
    const { name, message, stack } = error as Error;
    send({
      failure:
        error instanceof TestbedError ? { name, message } : { name: 'internal', message: stack ?? message },
    });
  }
}
