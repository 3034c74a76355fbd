/** Slots of handlers. A delivery under way keeps its slot when the configuration changes. */
export class HandlerSlots {
  #inUse = 0;
  #waiters: (() => void)[] = [];

  /** Runs a handler, which must not reject. */
  async take(handle: () => Promise<void>): Promise<void> {
    this.#inUse += 1;
    await handle();
    this.#inUse -= 1;
    this.wake();
  }

  /** Frees a handler's slot during a wait. Settles like the wait, once fewer than `limit` slots are in use and it has one again. */
  async aside(limit: number, wait: () => Promise<void>): Promise<void> {
    this.#inUse -= 1;
    this.wake();
    try {
      await wait();
    } finally {
      // Another waiter may have been faster.
      while (this.#inUse >= limit) await this.fewerThan(limit);
      this.#inUse += 1;
    }
  }

  isFull(limit: number): boolean {
    return this.#inUse >= limit;
  }

  /** Resolves when fewer than `limit` slots are in use, or at `wake` once the signal has aborted. */
  async fewerThan(limit: number, signal?: AbortSignal): Promise<void> {
    while (this.#inUse >= limit && !signal?.aborted)
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Wakes all waiters so that they check again. */
  wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}
