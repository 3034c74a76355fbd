import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { localClock } from '#kit/clock.ts';
import { ClientError } from '#lab/world/client-error.ts';
import { answerInThread } from '#lab/world/simulated/client/answering.ts';
import type { FromThread, ThreadData } from '#lab/world/simulated/client/thread.ts';
import type { Client } from '#policies/declared.d.ts';
import { Bench } from './bench.ts';
import type { Answer, Question } from './examine.ts';
import { answer } from './scenario.ts';
import { serve } from './server.ts';

const { question, beat } = workerData as ThreadData<Question>;

if (question.isVirtual)
  await answerInThread<Question, Answer>(async (asked, kernel) => {
    const client = clientIn(await kernel.load(asked.path));
    return kernel.run(answer(new Bench(kernel.clock, asked.limitMs), client, asked, 'http://127.0.0.1:9'));
  });
else await answerInRealTime();

async function answerInRealTime(): Promise<void> {
  const send = (message: FromThread<never, Answer>) => parentPort!.postMessage(message);
  const show = () => {
    beat[0] = localClock.now();
    localClock.after(100, show);
  };
  show();
  try {
    const client = clientIn(await import(pathToFileURL(question.path).href));
    const bench = new Bench(localClock, question.limitMs);
    send({ answer: await answer(bench, client, question, await serve(bench)) });
  } catch (error) {
    const { message } = error as Error;
    send({ failure: { name: 'client', message } });
  }
}

function clientIn({ default: client }: Record<string, unknown>): Client {
  if (typeof client !== 'function')
    throw new ClientError(`expected the module to export a function as default, got ${typeof client}`);
  return client as Client;
}
