import type { Frame, Scene, Strip } from '#lab/play/frame.ts';

interface Run {
  readonly scene: Scene;
  readonly frames: readonly Frame[][];
  readonly strips: Strip[];
}

/** Returns the time up to which both variants have frames. */
const arrivedIn = ({ frames }: Run): number => Math.min(...frames.map((each) => each.at(-1)?.atMs ?? 0));

/**
 * Frames of the shown simulation. After a change the earlier ones stay until those of the new simulation have reached the
 * cursor, so that the picture doesn't go back to the start. They are equal up to a change at the cursor.
 */
export class Timeline {
  #shown: Run | undefined;
  #next: Run | undefined;
  #neededMs = 0;

  get scene(): Scene | undefined {
    return this.#shown?.scene;
  }

  get frames(): readonly (readonly Frame[])[] {
    return this.#shown?.frames ?? [];
  }

  get strips(): readonly Strip[] {
    return this.#shown?.strips ?? [];
  }

  get arrivedMs(): number {
    return this.#shown ? arrivedIn(this.#shown) : 0;
  }

  /** Begins another simulation. It is shown once it has reached a time. */
  begin(scene: Scene, neededMs: number): void {
    this.#next = { scene, frames: scene.variants.map(() => []), strips: [] };
    this.#neededMs = Math.min(neededMs, scene.durationMs);
    this.#show();
  }

  add(variant: number, frames: readonly Frame[], strip: Strip): void {
    if (!this.#next) return;
    this.#next.frames[variant]!.push(...frames);
    this.#next.strips[variant] = strip;
    this.#show();
  }

  #show(): void {
    if (this.#next && (!this.#shown || arrivedIn(this.#next) >= this.#neededMs)) this.#shown = this.#next;
  }
}
