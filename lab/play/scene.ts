import { kneeInFlight } from '#downstream/config.ts';
import { variantAt } from '#lab/experiment/changes.ts';
import { loopOf, timeoutInFlight } from '#lab/experiment/limits/loop.ts';
import { higherLoads } from '#lab/experiment/limits/rates.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { durationMs, phaseSpans } from '#load/phases.ts';
import type { Played } from './experiment.ts';
import type { Scene, SceneVariant } from './frame.ts';
import { sides } from './setting.ts';

/** Duration below which frames are closer together, and what follows the load belongs to the story. */
const shortMs = 5000;
const everyMs = { usual: 50, short: 10 };

/** Returns what a page shows of an experiment besides its frames. */
export function sceneOf({ experiment, names }: Pick<Played, 'experiment' | 'names'>): Scene {
  const { deadlineMs, load, faults, variants } = experiment;
  const loadMs = durationMs(load);
  const wholeMs = loadMs + deadlineMs;
  const causes = [
    ...faults.map(({ name, atMs, forMs }) => ({ name, fromMs: atMs, toMs: atMs + forMs })),
    ...phaseSpans(load).flatMap(({ span }, index) =>
      load[index]!.arrivals.kind === 'bursts'
        ? { name: 'bursts', fromMs: span.fromMs, toMs: span.untilMs }
        : [],
    ),
    ...higherLoads(load).map(({ factor, ...span }) => ({ name: `load ×${factor}`, ...span })),
  ];
  return {
    durationMs: wholeMs,
    endMs: loadMs < shortMs ? wholeMs : loadMs - everyMs.usual,
    everyMs: wholeMs < shortMs ? everyMs.short : everyMs.usual,
    variants: sides.map((side) =>
      sceneVariant(experiment, names[side], variantAt(variants[names[side]]!, Infinity)),
    ),
    causes: causes.toSorted((a, b) => a.fromMs - b.fromMs),
  };
}

function sceneVariant(experiment: Experiment, name: string, variant: Variant): SceneVariant {
  const { downstream = experiment.downstream } = variant;
  const edge = timeoutInFlight(experiment, variant);
  const knee = edge === undefined ? kneeInFlight(downstream) : null;
  const sticksAbove = loopOf(experiment, variant)?.sticksAbove;
  return {
    name,
    path: variant.path,
    ...(edge !== undefined && { line: { inFlight: edge, text: 'a call takes longer than its timeout' } }),
    ...(knee !== null && { line: { inFlight: knee, text: 'each call takes longer' } }),
    ...(sticksAbove !== undefined && { sticksAbove }),
  };
}
