import { kneeInFlight } from '#downstream/config.ts';
import { variantAt } from '#lab/experiment/changes.ts';
import { loopOf, timeoutInFlight } from '#lab/experiment/limits/loop.ts';
import { higherLoads, ratesOf } from '#lab/experiment/limits/rates.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { durationMs, phaseSpans } from '#load/phases.ts';

/** Duration below which frames are closer together, and what follows the load belongs to the story. */
const shortMs = 5000;
const everyMs = { usual: 50, short: 10 };

/** Facts that stay the same while an experiment is simulated. */
export type Scene = ReturnType<typeof sceneOf>;

/** Returns what a page shows of an experiment besides its frames. */
export function sceneOf({ deadlineMs, load, faults }: Experiment) {
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
  const endMs = loadMs < shortMs ? wholeMs : loadMs - everyMs.usual;
  return {
    loadMs,
    /** Load and deadline. */
    durationMs: wholeMs,
    /** End of what a page plays: with the load, after which the picture would become empty. */
    endMs,
    /** Time from frame to frame, and width of the bins of strips. */
    everyMs: wholeMs < shortMs ? everyMs.short : everyMs.usual,
    binMs: Math.max(100, Math.round(endMs / 4000) * 100),
    /** Load at the start, in requests per second. */
    usualPerSecond: ratesOf(load)(0) || 1,
    /** Faults, and phases whose load is above that of the first one. */
    causes: causes.toSorted((a, b) => a.fromMs - b.fromMs),
  };
}

/** Facts that stay the same while a variant has the same options. */
export type SceneVariant = ReturnType<typeof sceneVariant>;

/** Returns what a page shows of a variant besides its frames, with its options at a time. */
export function sceneVariant(experiment: Experiment, name: string, atMs: number) {
  const { changes: _, ...variant } = variantAt(experiment.variants[name]!, atMs);
  const { path, description, downstream = experiment.downstream } = variant;
  const edge = timeoutInFlight(experiment, variant);
  const inFlight = edge ?? kneeInFlight(downstream);
  const text = edge === undefined ? 'each call takes longer' : 'a call takes longer than its timeout';
  return {
    ...{ name, path, description },
    /** Number of attempts in flight from which a picture draws a line, and what is true above it. */
    line: inFlight === null ? undefined : { inFlight, text },
    loop: loopOf(experiment, variant),
  };
}
