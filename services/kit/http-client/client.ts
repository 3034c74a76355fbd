export interface Message {
  readonly method: 'GET' | 'POST';
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

/** Uses a connection for one request, and gives it back when that has ended. */
type Use<C> = (connection: C) => void;

/**
 * Sends requests to one origin, on keep-alive connections for one request at a time each. The one used last is taken
 * first, and another is opened only while every other has a request under way.
 *
 * undici's own Pool opens one more for each request that follows at once on an answer, since that connection is not free
 * until the event loop has turned. Connecting delays answers, so even more follow: behind a bulkhead of 40 it opened
 * hundreds. It also searches all of them for each request.
 */
export abstract class StackedClient<C> {
  readonly #all: C[] = [];
  readonly #free: C[] = [];
  /** Free too, but the last request broke off: most of them have to connect again. */
  readonly #broken: C[] = [];
  /** Given back just now. A server may hang up right after its answer, which is seen when sockets are polled again. */
  #returned: { connection: C; to: C[] }[] = [];
  #waiters: Use<C>[] = [];
  #underWay = 0;
  #isClosing = false;
  protected isClosed = false;
  readonly #idle = Promise.withResolvers<void>();

  /** Makes a connection, which connects when it is used. */
  protected abstract open(): C;
  protected abstract cut(connection: C): void;
  /** Returns a function that gives the request up, also while it still connects. */
  abstract send(message: Message, ended: Ended): () => void;

  /** Calls back with a connection that has no request: at once, or within two turns of the event loop. */
  protected take(use: Use<C>): void {
    const connection = this.#free.pop() ?? this.#broken.pop();
    if (connection) this.#use(connection, use);
    else if (this.#waiters.length < this.#returned.length) this.#waiters.push(use);
    else this.#use(this.#opened(), use);
  }

  protected give(connection: C, after: 'answer' | 'error'): void {
    this.#underWay -= 1;
    // The first callback runs after the poll phase of this turn of the event loop, the second after the next poll phase.
    if (this.#returned.length === 0) setImmediate(() => setImmediate(() => this.#settle()));
    this.#returned.push({ connection, to: after === 'answer' ? this.#free : this.#broken });
    this.#checkIdle();
  }

  /** Closes after the requests under way have ended. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#checkIdle();
    return this.#idle.promise.then(() => this.destroy());
  }

  destroy(): void {
    this.isClosed = true;
    for (const connection of this.#all) this.cut(connection);
  }

  #checkIdle(): void {
    if (this.#isClosing && this.#underWay === 0 && this.#waiters.length === 0) this.#idle.resolve();
  }

  #use(connection: C, use: Use<C>): void {
    this.#underWay += 1;
    use(connection);
  }

  #settle(): void {
    const [returned, waiters] = [this.#returned, this.#waiters];
    this.#returned = [];
    this.#waiters = [];
    for (const { connection, to } of returned) to.push(connection);
    for (const use of waiters) this.take(use);
  }

  #opened(): C {
    const connection = this.open();
    this.#all.push(connection);
    // Then its request fails, like those of the others.
    if (this.isClosed) this.cut(connection);
    return connection;
  }
}

export type HttpClient = Pick<StackedClient<unknown>, 'send' | 'close' | 'destroy'>;
