/** Requests of a step, or twice the width where that is more. */
const stepMin = 8;
/** A step is slower than the fastest one when its median is above this factor of it, and this much more. */
const slower = { factor: 1.5, ms: 1 };

/** Limits the requests open at once. Starts at 1 and doubles until the latency rises. */
export class Ramp {
  readonly #max: number;
  #width = 1;
  #isRising = true;
  #step: number[] = [];
  #fastestMs = Number.POSITIVE_INFINITY;

  constructor(max: number) {
    this.#max = max;
  }

  get width(): number {
    return this.#width;
  }

  /** Takes the latency of a request that has ended. */
  add(ms: number): void {
    if (!this.#isRising) return;
    this.#step.push(ms);
    if (this.#step.length < Math.max(stepMin, 2 * this.#width)) return;
    const medianMs = this.#step.toSorted((a, b) => a - b)[this.#step.length >> 1]!;
    this.#step = [];
    if (medianMs > slower.factor * this.#fastestMs + slower.ms) {
      this.#isRising = false;
      this.#width = Math.max(1, this.#width >> 1);
      return;
    }
    this.#fastestMs = Math.min(this.#fastestMs, medianMs);
    this.#width = Math.min(this.#max, 2 * this.#width);
  }
}
