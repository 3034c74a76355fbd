/** Slots of handlers. A delivery under way keeps its slot when the configuration changes. */
export class HandlerSlots {
  #inUse = 0;
  #waiters: (() => void)[] = [];

  /** Takes a slot once fewer than `limit` are in use. Resolves with false at `wake` if the signal has aborted. */
  async take(limit: number, signal?: AbortSignal): Promise<boolean> {
    while (this.#inUse >= limit && !signal?.aborted)
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    if (signal?.aborted) return false;
    this.#inUse += 1;
    return true;
  }

  release(): void {
    this.#inUse -= 1;
    this.wake();
  }

  /** Frees the caller's slot during a wait, then takes a slot again. Settles like the wait. */
  async aside(limit: number, wait: () => Promise<void>): Promise<void> {
    this.release();
    try {
      await wait();
    } finally {
      await this.take(limit);
    }
  }

  async idle(): Promise<void> {
    if (await this.take(1)) this.release();
  }

  wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}
