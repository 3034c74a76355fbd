import { answerInThread } from '#lab/world/simulated/client/answering.ts';
import { clientStarter } from '#lab/world/simulated/client/starter.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { conductVariant, machine } from './alone.ts';
import type { ApartAnswer, ApartPart, ApartTask } from './apart.ts';
import { tellingStore } from './told-store.ts';

const { signal } = new AbortController(); // a thread ends by being terminated

await answerInThread<ApartTask, ApartAnswer, ApartPart>(async (task, kernel, tell) => {
  const { experiment, name, path, simulation, ...options } = task;
  const start = clientStarter(kernel, path);
  const world = simulated({ ...simulation, client: { start, clock: kernel.clock } });
  const stopwatch = world.stopwatch();
  const testbeds = await world.open({ file: { experiment }, folder: '', stopwatch, signal });
  const run = { ...options, experiment, testbeds, machine, warmed: new Set<string>(), uncleared: [], signal };
  const conducting = conductVariant(run, name, tellingStore(tell), (...progress) =>
    tell(['progress', ...progress]),
  );
  return { end: await Promise.race([conducting, kernel.failed]), tookMs: stopwatch.now() };
});
