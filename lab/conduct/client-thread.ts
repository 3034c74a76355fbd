import { figureStore } from '#lab/evidence/figure-store.ts';
import { storeIn } from '#lab/evidence/folder.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import { answerInThread } from '#lab/world/simulated/client/answering.ts';
import { clientStarter } from '#lab/world/simulated/client/starter.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { conductVariant, machine } from './alone.ts';
import type { ApartAnswer, ApartPart, ApartTask } from './apart.ts';
import { describe } from './run-log.ts';

const { signal } = new AbortController(); // a thread ends by being terminated

await answerInThread<ApartTask, ApartAnswer, ApartPart>(async (task, kernel, tell) => {
  const { experiment, name, path, simulation, folder, ...options } = task;
  const start = clientStarter(kernel, path);
  const world = simulated({ ...simulation, client: { start, clock: kernel.clock } });
  const stopwatch = world.stopwatch();
  const testbeds = await world.open({ file: { experiment }, folder: '', stopwatch, signal });
  const run = { ...options, experiment, testbeds, machine, warmed: new Set<string>(), uncleared: [], signal };
  const kept = folder === undefined ? figureStore() : undefined;
  const store = kept ?? storeIn(folder!);
  const conducting = conductVariant(run, name, store, (...progress) => tell(progress));
  const end = await Promise.race([conducting, kernel.failed]).catch((error) => {
    const { name, message } = describe(error); // of a full disk, too
    throw new TestbedError(name, message);
  });
  return { end, evidence: kept?.kept(), tookMs: stopwatch.now() };
});
