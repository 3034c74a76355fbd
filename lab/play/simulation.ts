import { localClock } from '#kit/clock.ts';
import { conductAlone } from '#lab/conduct/alone.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { isOfRecovery } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { simulated, type Watch } from '#lab/world/simulated/world.ts';
import type { Frame, Strip } from './frame.ts';
import { requestsOf } from './requests.ts';
import { type Sample, samplerOf } from './sampler.ts';
import { sceneOf } from './scene.ts';

/** Real time and attempts after which a simulation of one variant stops. */
const usualBounds = { realMs: 30_000, attempts: 5_000_000 };

/** Least number of frames that are reported together, and least real time between two reports, which take some. */
const batch = { frames: 20, realMs: 30 };

/**
 * Simulates a variant of an experiment, and reports its next frames with its strip until then. Resolves with all figures
 * but those of recoveries, which need samples. Rejects if it would take too long, or with the reason of the signal; virtual
 * time then stands still.
 */
export async function simulateVariant(
  experiment: Experiment,
  name: string,
  listener: (frames: readonly Frame[], strip: Strip) => void,
  signal: AbortSignal,
  { realMs, attempts } = usualBounds,
): Promise<readonly Figure[]> {
  const scene = sceneOf(experiment);
  const { durationMs, everyMs } = scene;
  const variant = experiment.variants[name]!;
  const alone: Experiment = { ...experiment, variants: { [name]: variant }, hypothesis: [] };
  const requests = requestsOf(experiment, variant.callers !== undefined, scene);
  const stopped = Promise.withResolvers<never>();
  let atMs = 0;
  let waiting: Frame[] = [];
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  const report = () => {
    listener(waiting, requests.strip);
    waiting = [];
    reportedAtMs = localClock.now();
  };
  const add = (sample: Sample) => {
    if (atMs > durationMs) return;
    waiting.push({ ...requests.at(atMs), ...sample, atMs });
    if (waiting.length >= batch.frames && localClock.now() >= reportedAtMs + batch.realMs) report();
  };
  let finish = () => {};
  const watch: Watch = (inside, clock, startedAtMs) => {
    stopped.promise.catch(() => void clock.hold(new Promise(() => undefined)));
    const sample = samplerOf(inside, clock, variant, experiment.deadlineMs);
    const next = () => clock.after(Math.max(0, startedAtMs + atMs - clock.now()), tick);
    const tick = () => {
      const now = sample(atMs);
      if (now.attempts > attempts) stop(`it makes more than ${attempts} attempts`);
      add(now);
      atMs += everyMs;
      next();
    };
    // A simulation may be over early, since all requests have ended.
    finish = () => add(sample(atMs));
    next();
  };
  const stop = (why: string) => stopped.reject(new Error(`${why}: stopped at ${atMs / 1000} s`));
  const timer = localClock.after(realMs, () => stop(`it takes longer than ${realMs / 1000} s`));
  const abort = () => stopped.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    const options = { world: simulated({ watch }), samples: false, signal: new AbortController().signal };
    const conducted = conductAlone(alone, requests.watching(figureStore()), options);
    const { figures } = await Promise.race([conducted, stopped.promise]);
    finish();
    report();
    return figures.filter((figure) => !isOfRecovery(figure));
  } finally {
    localClock.cancel(timer);
    signal.removeEventListener('abort', abort);
  }
}
