import { type Clock, localClock } from '#kit/clock.ts';
import { conductAlone } from '#lab/conduct/alone.ts';
import { machine } from '#lab/conduct/in-memory.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import type { Frame, Scene, Strip } from './frame.ts';
import { Requests } from './requests.ts';
import { type Sample, samplerOf } from './sampler.ts';

/** Receives the next frames of a variant, and its strip until now. */
export type Listener = (frames: readonly Frame[], strip: Strip) => void;

/** Real time and attempts after which a simulation of one variant stops. */
export interface Bounds {
  readonly realMs: number;
  readonly attempts: number;
}

const usualBounds: Bounds = { realMs: 30_000, attempts: 5_000_000 };

/** Frames that are reported together. */
const batch = 20;
/** Time between two checks of the bounds after the last frame. */
const laterMs = 1000;

/**
 * Simulates a variant of an experiment, and reports its frames. Resolves with all figures. Rejects if it would take too
 * long, or with the reason of the signal.
 */
export async function simulateVariant(
  experiment: Experiment,
  name: string,
  { durationMs, everyMs }: Pick<Scene, 'durationMs' | 'everyMs'>,
  listener: Listener,
  signal: AbortSignal,
  bounds: Bounds = usualBounds,
): Promise<readonly Figure[]> {
  const variant = experiment.variants[name]!;
  const alone: Experiment = { ...experiment, variants: { [name]: variant }, hypothesis: [] };
  const requests = new Requests(experiment, variant.callers !== undefined, durationMs);
  const check = checkOf(bounds);
  let waiting: Frame[] = [];
  const report = () => {
    listener(waiting, requests.strip());
    waiting = [];
  };
  const add = (atMs: number, sample: Sample) => {
    if (atMs > durationMs) return;
    waiting.push({ ...requests.at(atMs), ...sample, atMs });
    if (waiting.length >= batch) report();
  };
  let finish = () => {};
  const watch = (inside: Parameters<typeof samplerOf>[0], clock: Clock, startedAtMs: number) => {
    const sample = samplerOf(inside, clock, variant, experiment.deadlineMs);
    let atMs = 0;
    const after = (ms: number) => clock.after(Math.max(0, startedAtMs + ms - clock.now()), tick);
    const tick = () => {
      signal.throwIfAborted();
      const now = sample();
      check(now, atMs);
      add(atMs, now);
      atMs += atMs < durationMs ? everyMs : laterMs;
      after(atMs);
    };
    // A simulation may be over early, since all requests have ended.
    finish = () => add(atMs, sample());
    after(0);
  };
  const world = simulated({ watch });
  const { figures } = await conductAlone(alone, requests.watching(figureStore()), { world, machine, signal });
  finish();
  report();
  return figures;
}

/** Returns a function that throws if a simulation has passed its bounds at a time of the load. */
function checkOf({ realMs, attempts }: Bounds) {
  const endsAtMs = localClock.now() + realMs;
  return (now: Sample, atMs: number) => {
    const at = `stopped at ${atMs / 1000} s`;
    if (localClock.now() > endsAtMs) throw new Error(`it takes longer than ${realMs / 1000} s: ${at}`);
    if (now.attempts > attempts) throw new Error(`it makes more than ${attempts} attempts: ${at}`);
  };
}
