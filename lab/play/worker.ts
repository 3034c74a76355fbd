import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { playedExperiment } from './experiment.ts';
import type { Frame, Strip } from './frame.ts';
import type { Setting, Side } from './setting.ts';
import { simulateVariant } from './simulation.ts';

/** Asks a worker to simulate one side of a setting. A later message ends the simulation. */
export interface Ask {
  /** Number of the message, which each answer repeats. */
  readonly ask: number;
  readonly setting: Setting;
  readonly side: Side;
}

/** Answers of a worker: frames, and then the figures or a problem. */
export type Told =
  | { readonly tell: 'frames'; readonly frames: readonly Frame[]; readonly strip: Strip }
  | { readonly tell: 'done'; readonly figures: readonly Figure[] }
  | { readonly tell: 'problem'; readonly text: string };

export type Answer = Told & Pick<Ask, 'ask'>;

/** Simulates one side of a setting, and tells what a page draws of it. Tells no problem once the signal has aborted. */
export async function answer(
  { setting, side }: Ask,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { experiment, names } = playedExperiment(setting);
    const listener = (frames: readonly Frame[], strip: Strip) => tell({ tell: 'frames', frames, strip });
    tell({ tell: 'done', figures: await simulateVariant(experiment, names[side], listener, signal) });
  } catch (error) {
    if (!signal.aborted) tell({ tell: 'problem', text: (error as Error).message });
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
  void answer(data, (told) => signal.aborted || scope.postMessage({ ...told, ask: data.ask }), signal);
};
