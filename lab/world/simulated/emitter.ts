// biome-ignore lint/suspicious/noExplicitAny: each event has its own arguments
type Listener = (...args: any[]) => void;

/** Events as those of Node's EventEmitter, which browsers don't have. */
export class Emitter {
  readonly #listeners = new Map<string, readonly { readonly call: Listener; readonly isOnce: boolean }[]>();

  on(event: string, call: Listener, isOnce = false): this {
    this.#listeners.set(event, [...this.#of(event), { call, isOnce }]);
    return this;
  }

  once(event: string, call: Listener): this {
    return this.on(event, call, true);
  }

  off(event: string, call: Listener): this {
    const at = this.#of(event).findLastIndex((each) => each.call === call);
    if (at >= 0) this.#listeners.set(event, this.#of(event).toSpliced(at, 1));
    return this;
  }

  listenerCount(event: string): number {
    return this.#of(event).length;
  }

  emit(event: string, ...args: unknown[]): void {
    for (const { call, isOnce } of this.#of(event)) {
      if (isOnce) this.off(event, call);
      call(...args);
    }
  }

  #of(event: string) {
    return this.#listeners.get(event) ?? [];
  }
}
