import type { Frame, Strip } from '#lab/play/frame.ts';
import type { Scene } from '#lab/play/scene.ts';

const emptyRun = () => ({ frames: [[], []] as Frame[][], strips: [] as Strip[] });

/** Returns the time up to which both variants have frames. */
const arrivedIn = ({ frames }: ReturnType<typeof emptyRun>): number =>
  Math.min(...frames.map((each) => each.at(-1)?.atMs ?? 0));

/**
 * Frames of the shown simulation. After a change the earlier ones stay until those of the new simulation have reached the
 * cursor, so that the picture doesn't go back to the start. They are equal up to a change at the cursor.
 */
export class Timeline {
  scene: Scene | undefined;
  shown = emptyRun();
  #next = this.shown;
  #neededMs = 0;

  /** Time up to which the frames are those of the latest setting. */
  get arrivedMs(): number {
    return this.shown === this.#next ? arrivedIn(this.shown) : this.#neededMs;
  }

  /** Begins another simulation, which is shown once it has reached a time. Another experiment keeps no earlier frames. */
  begin(scene: Scene, neededMs: number, isOther: boolean): void {
    this.scene = scene;
    this.#next = emptyRun();
    this.#neededMs = neededMs;
    if (isOther) this.shown = this.#next;
  }

  add(variant: number, frames: readonly Frame[], strip: Strip): void {
    this.#next.frames[variant]!.push(...frames);
    this.#next.strips[variant] = strip;
    if (arrivedIn(this.#next) >= this.#neededMs) this.shown = this.#next;
  }
}
