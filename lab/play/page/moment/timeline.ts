import type { Frame, Scene, Strip } from '#lab/play/frame.ts';

/** Frames of one simulation, by variant. */
export class Run {
  readonly scene: Scene | undefined;
  readonly frames: readonly Frame[][];
  readonly strips: Strip[] = [];

  constructor(scene?: Scene) {
    this.scene = scene;
    this.frames = (scene?.variants ?? []).map(() => []);
  }

  /** Time up to which both variants have frames. */
  get arrivedMs(): number {
    return Math.min(...this.frames.map((each) => each.at(-1)?.atMs ?? 0));
  }
}

/**
 * Frames of the shown simulation. After a change the earlier ones stay until those of the new simulation have reached the
 * cursor, so that the picture doesn't go back to the start. They are equal up to a change at the cursor.
 */
export class Timeline {
  shown = new Run();
  #next = this.shown;
  #neededMs = 0;

  /** Begins another simulation. It is shown once it has reached a time. */
  begin(scene: Scene, neededMs: number): void {
    this.#next = new Run(scene);
    this.#neededMs = Math.min(neededMs, scene.durationMs);
    if (!this.shown.scene) this.shown = this.#next;
  }

  add(variant: number, frames: readonly Frame[], strip: Strip): void {
    this.#next.frames[variant]!.push(...frames);
    this.#next.strips[variant] = strip;
    if (this.#next.arrivedMs >= this.#neededMs) this.shown = this.#next;
  }
}
