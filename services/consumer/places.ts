/** The places of handlers: a delivery that was begun keeps its own, whatever is configured meanwhile. */
export class Places {
  #taken = 0;
  #waiting: (() => void)[] = [];

  /** Runs a handler, which must not reject. */
  async take(handle: () => Promise<void>): Promise<void> {
    this.#taken += 1;
    await handle();
    this.#taken -= 1;
    this.wake();
  }

  /**
   * Runs a wait of a handler without its place, which others may take meanwhile. Settles as the wait does, with a place
   * again as soon as fewer than `limit` are taken.
   */
  async aside(limit: number, wait: () => Promise<void>): Promise<void> {
    this.#taken -= 1;
    this.wake();
    try {
      await wait();
    } finally {
      // Another one that was woken with it may have been first.
      while (this.#taken >= limit) await this.fewerThan(limit);
      this.#taken += 1;
    }
  }

  /** True if as many as `limit` are taken. */
  isFull(limit: number): boolean {
    return this.#taken >= limit;
  }

  /** Resolves when fewer than `limit` are taken, or at `wake` once the signal has aborted. */
  async fewerThan(limit: number, signal?: AbortSignal): Promise<void> {
    while (this.#taken >= limit && !signal?.aborted)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Has whoever waits look again. */
  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
