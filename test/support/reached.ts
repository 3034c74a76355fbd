import { conductAlone } from '#lab/conduct/alone.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { simulated } from '#lab/world/simulated/world.ts';

/** Simulates a variant. Resolves with its goodput and the ceiling. */
export async function reached(experiment: Experiment, name: string) {
  const alone = onlyVariants(experiment, [name]).experiment;
  const { signal } = new AbortController();
  const { figures } = await conductAlone(alone, figureStore(), {
    world: simulated(),
    signal,
    samples: false,
  });
  const value = (metric: 'goodput' | 'ceiling') => valueIn({ figures }, name, metric);
  return { goodput: value('goodput')!, ceiling: value('ceiling')! };
}
