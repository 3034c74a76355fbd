import { pathToFileURL } from 'node:url';
import { localClock } from '#kit/clock.ts';
import { unloadable } from '#lab/world/client-error.ts';
import { answerInThread, asked } from '#lab/world/simulated/client/answering.ts';
import { openKernel } from '#lab/world/simulated/client/kernel.ts';
import { Bench } from './bench.ts';
import type { Answer, Question } from './examine.ts';
import { answer } from './scenario.ts';
import { serve } from './server.ts';

const realTime = {
  clock: localClock,
  timers: () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length,
  load: (path: string) =>
    import(pathToFileURL(path).href).catch((error) => {
      throw unloadable(error);
    }),
  run: <T>(promise: Promise<T>) => promise,
};

const question = asked<Question>();
const { isVirtual, path, limitMs } = question;
const { clock, timers, load, run } = isVirtual ? openKernel(1) : realTime;

await answerInThread<Answer>(clock, async () => {
  const module = await load(path);
  const bench = new Bench(clock, limitMs, timers);
  const url = isVirtual ? 'http://127.0.0.1:9' : await serve(bench);
  return run(answer(bench, module, question, url));
});
