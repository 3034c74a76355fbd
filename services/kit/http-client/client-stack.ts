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
  #waiters: Use<C>[] = [];
  #underWay = 0;
  #isClosing = false;
  #isClosed = false;
  readonly #idle = Promise.withResolvers<void>();

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
    this.#checkIdle();
  }

  /** Destroys all clients once the requests under way have ended. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#checkIdle();
    return this.#idle.promise.then(() => this.destroy());
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  destroy(): void {
    this.#isClosed = true;
    for (const client of this.#all) this.#destroy(client);
  }

  #checkIdle(): void {
    if (this.#isClosing && this.#underWay === 0 && this.#waiters.length === 0) this.#idle.resolve();
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
    // Then its request fails, like those of the others.
    if (this.#isClosed) this.#destroy(client);
    return client;
  }
}

export interface Post {
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Receives the end of a request: one of the two, once, unless the request is given up before. */
export interface Ended {
  answered(status: number, body: string): void;
  broken(reason: Error): void;
}

/** Sends requests to one origin. */
export interface HttpClient {
  /** Returns a function that gives the request up, also while it still connects. */
  post(post: Post, ended: Ended): () => void;
  /** Resolves with any answer. Rejects with the reason why there is none, or with the signal's when it aborts. */
  probe(signal: AbortSignal): Promise<void>;
  /** Closes after the requests under way have ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}
