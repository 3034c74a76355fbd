import { localClock } from '#kit/clock.ts';
import { conductAlone } from '#lab/conduct/alone.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import { isOfRecovery } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { simulated, type Watch } from '#lab/world/simulated/world.ts';
import { playedExperiment } from './experiment.ts';
import type { Frame, Strip } from './frame.ts';
import { requestsOf } from './requests.ts';
import { type Sample, samplerOf } from './sampler.ts';
import { sceneOf } from './scene.ts';
import type { Setting, Side } from './setting.ts';

/** Asks a worker to simulate one side of a setting. A later message ends the simulation. */
export interface Ask {
  /** Number of the message, which each answer repeats. */
  readonly ask: number;
  readonly setting: Setting;
  readonly side: Side;
}

/** Answers of a worker: frames, and then the figures or a problem. */
export type Report =
  | { readonly kind: 'frames'; readonly frames: readonly Frame[]; readonly strip: Strip }
  | { readonly kind: 'done'; readonly figures: readonly Figure[] }
  | { readonly kind: 'problem'; readonly text: string };

export type Answer = Report & Pick<Ask, 'ask'>;

/** Simulates one side of a setting, and reports what a page draws. Reports no problem once the signal has aborted. */
export async function answer({ setting, side }: Ask, send: (report: Report) => void, signal: AbortSignal) {
  try {
    const { experiment, names } = playedExperiment(setting);
    const listener = (frames: readonly Frame[], strip: Strip) => send({ kind: 'frames', frames, strip });
    send({ kind: 'done', figures: await simulateVariant(experiment, names[side], listener, signal) });
  } catch (error) {
    if (!signal.aborted) send({ kind: 'problem', text: (error as Error).message });
  }
}

/** Least real time between two reports, which take some. */
const reportEveryMs = 30;

/**
 * Simulates a variant of an experiment, and reports its next frames with its strip until then. Resolves with all figures
 * but those of recoveries, which need samples. Rejects after `realMs`, or with the reason of the signal; virtual
 * time then stands still.
 */
export async function simulateVariant(
  experiment: Experiment,
  name: string,
  listener: (frames: readonly Frame[], strip: Strip) => void,
  signal: AbortSignal,
  realMs = 30_000,
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
    if (localClock.now() >= reportedAtMs + reportEveryMs) report();
  };
  let finish = () => {};
  const watch: Watch = (inside, clock, startedAtMs) => {
    stopped.promise.catch(() => void clock.hold(new Promise(() => undefined)));
    const sample = samplerOf(inside, clock, variant, experiment.deadlineMs);
    const next = () => clock.after(Math.max(0, startedAtMs + atMs - clock.now()), tick);
    const tick = () => {
      add(sample(atMs));
      atMs += everyMs;
      next();
    };
    // A simulation may be over early, since all requests have ended.
    finish = () => add(sample(atMs));
    next();
  };
  const late = () => new Error(`it takes longer than ${realMs / 1000} s: stopped at ${atMs / 1000} s`);
  const timer = localClock.after(realMs, () => stopped.reject(late()));
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

/** Part of a worker's global object. */
const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: Ask }) => void;
  postMessage(message: Answer): void;
};
let current = new AbortController();
scope.onmessage = ({ data }) => {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  void answer(data, (report) => signal.aborted || scope.postMessage({ ...report, ask: data.ask }), signal);
};
