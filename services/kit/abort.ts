/**
 * AbortController and signal in one, for code that only listens for the abort, such as `abortable`. Those of Node take
 * several times as long. A function of a user gets Node's, since it may pass the signal on.
 */
export class Abort {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] = [];

  get signal(): AbortSignal {
    return this as unknown as AbortSignal;
  }

  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  addEventListener(_abort: 'abort', listener: () => void): void {
    // Most signals have one listener at a time. The first push onto an empty array makes room for 17.
    if (this.#listeners.length === 0) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  removeEventListener(_abort: 'abort', listener: () => void): void {
    const listeners = this.#listeners;
    const at = listeners.indexOf(listener);
    if (at === 0 && listeners.length === 1) this.#listeners = [];
    else if (at >= 0) listeners.splice(at, 1);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
}
