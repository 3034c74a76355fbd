import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Frame, Scene, Strip } from './frame.ts';
import type { Playable, Setting, Side } from './setting.ts';

/** Asks a worker to simulate one side of a setting. A later message ends the simulation. */
export interface Ask {
  /** Number of the message, which each answer repeats. */
  readonly ask: number;
  readonly playable: Playable;
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
