import { conductAlone } from '#lab/conduct/alone.ts';
import { apartBy } from '#lab/conduct/apart.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { answerAll } from '#lab/explore/threads.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import type { SimulationTask } from './predict.ts';

const { signal } = new AbortController(); // a thread ends by being terminated

answerAll(resultOf);

/** Simulates a variant. Resolves with null if its figures don't count. Those with stalls always count. */
async function resultOf(task: SimulationTask): Promise<readonly Figure[] | null> {
  const { experiment, overheads, stalls, slowMotion, withoutFaults, client } = task;
  const world = simulated({ overheads, stalls });
  const simulating = conductAlone(experiment, figureStore(), {
    ...{ world, slowMotion, withoutFaults, signal },
    apart: client === undefined ? undefined : apartBy(world, () => client),
    samples: stalls !== undefined,
  });
  const analysis = await simulating.catch(() => undefined);
  const counts = stalls?.length || analysis?.validity.every(({ ok }) => ok);
  return (counts && analysis?.figures) || null;
}
