import { playedExperiment } from './experiment.ts';
import type { Ask, Told } from './messages.ts';
import { sceneOf } from './scene.ts';
import { type Listener, simulateVariant } from './simulation.ts';

/** Simulates one side of a setting, and tells what a page draws of it. Tells no problem once the signal has aborted. */
export async function answer(
  { playable, setting, side }: Ask,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { experiment, names, notes } = playedExperiment(setting, playable);
    const scene = sceneOf({ experiment, names });
    tell({ tell: 'scene', scene, notes });
    const listener: Listener = (frames, strip) => tell({ tell: 'frames', frames, strip });
    const figures = await simulateVariant(experiment, names[side], scene, listener, signal);
    tell({ tell: 'done', figures });
  } catch (error) {
    if (!signal.aborted) tell({ tell: 'problem', text: (error as Error).message });
  }
}
