/** Uses a client for one request, and gives it back when that has ended. */
type Use<C> = (client: C) => void;

/**
 * Keep-alive connections to one origin, for one request at a time each. The one used last is taken first, and another is
 * opened only while every other has a request under way.
 *
 * undici's own Pool opens one more for each request that follows at once on an answer, since that connection is not free
 * until the event loop has turned. Connecting delays answers, so even more follow: behind a bulkhead of 40 it opened
 * hundreds. It also searches all of them for each request.
 */
export class ClientStack<C> {
  readonly #open: () => C;
  readonly #destroy: (client: C) => void;
  readonly #all: C[] = [];
  readonly #free: C[] = [];
  /** Free too, but the last request broke off: most of them have to connect again. */
  readonly #broken: C[] = [];
  /** Given back just now. A server may hang up right after its answer, which is seen when sockets are polled again. */
  #returned: { client: C; to: C[] }[] = [];
  /** Waiters for one of those. */
  #waiters: Use<C>[] = [];
  #underWay = 0;
  #closed = false;
  #idle: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  /** `open` makes a client, which connects when it is used; `destroy` breaks its request off. */
  constructor(open: () => C, destroy: (client: C) => void) {
    this.#open = open;
    this.#destroy = destroy;
  }

  /** Calls back with a client that has no request: at once, or within two turns of the event loop. */
  take(use: Use<C>): void {
    const client = this.#free.pop() ?? this.#broken.pop();
    if (client) this.#use(client, use);
    else if (this.#waiters.length < this.#returned.length) this.#waiters.push(use);
    else this.#use(this.#opened(), use);
  }

  give(client: C, after: 'answer' | 'error'): void {
    this.#underWay -= 1;
    // The first callback runs in this turn, after its poll; the second after the next poll.
    if (this.#returned.length === 0) setImmediate(() => setImmediate(() => this.#settle()));
    this.#returned.push({ client, to: after === 'answer' ? this.#free : this.#broken });
    if (this.#isIdle) this.#idle();
  }

  /** Once all requests under way have ended. */
  close(): Promise<void> {
    this.#closing ??= this.#whenIdle().then(() => this.destroy());
    return this.#closing;
  }

  /** Cuts off the requests under way. */
  destroy(): void {
    this.#closed = true;
    for (const client of this.#all) this.#destroy(client);
  }

  get #isIdle(): boolean {
    return this.#underWay === 0 && this.#waiters.length === 0;
  }

  async #whenIdle(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #use(client: C, use: Use<C>): void {
    this.#underWay += 1;
    use(client);
  }

  #settle(): void {
    const [returned, waiters] = [this.#returned, this.#waiters];
    this.#returned = [];
    this.#waiters = [];
    for (const { client, to } of returned) to.push(client);
    for (const use of waiters) this.take(use);
  }

  #opened(): C {
    const client = this.#open();
    this.#all.push(client);
    // Its request fails then, as those of the others do.
    if (this.#closed) this.#destroy(client);
    return client;
  }
}
