import { figureStore } from '#lab/evidence/figure-store.ts';
import { storeIn } from '#lab/evidence/folder.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { answerInThread, asked } from '#lab/world/simulated/client/answering.ts';
import { openKernel } from '#lab/world/simulated/client/kernel.ts';
import { clientStarter } from '#lab/world/simulated/client/starter.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { conductVariant, machine } from './alone.ts';
import type { ApartAnswer, ApartPart, ApartTask } from './apart.ts';
import { describe } from './run-log.ts';

const { signal } = new AbortController(); // a thread ends by being terminated

const { experiment, name, path, simulation, folder, ...options } = asked<ApartTask>();
const kernel = openKernel(experiment.seed);

await answerInThread<ApartAnswer, ApartPart>(kernel.clock, async (tell) => {
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
