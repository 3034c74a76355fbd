import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { playedExperiment } from './experiment.ts';
import type { Frame, Scene, Strip } from './frame.ts';
import { sceneOf } from './scene.ts';
import type { Setting, Side } from './setting.ts';
import { type Listener, simulateVariant } from './simulation.ts';

/** Asks a worker to simulate one side of a setting. A later message ends the simulation. */
export interface Ask {
  /** Number of the message, which each answer repeats. */
  readonly ask: number;
  readonly setting: Setting;
  readonly side: Side;
}

/** Answers of a worker, in this order. */
export type Told =
  /** The setting as it is simulated, with what was left out or replaced. */
  | { readonly tell: 'scene'; readonly scene: Scene; readonly notes: readonly string[] }
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
    const { experiment, names, notes } = playedExperiment(setting);
    const scene = sceneOf({ experiment, names });
    tell({ tell: 'scene', scene, notes });
    const listener: Listener = (frames, strip) => tell({ tell: 'frames', frames, strip });
    const figures = await simulateVariant(experiment, names[side], scene, listener, signal);
    tell({ tell: 'done', figures });
  } catch (error) {
    if (!signal.aborted) tell({ tell: 'problem', text: (error as Error).message });
  }
}
