/** Function that uses a connection for one request, and gives it back when the request has ended. */
type Use<C> = (connection: C) => void;

interface Options<C> {
  /** Creates a connection. The connection connects on its first use. */
  readonly open: () => C;
  readonly cut: (connection: C) => void;
}

/**
 * Stack of keep-alive connections to one origin. A connection carries one request at a time. A request takes the
 * connection that was used last. A new connection is opened only if all others are in use.
 *
 * A request that follows an answer at once waits for the answer's connection. Connecting would delay other answers, so
 * still more connections would be opened. undici's Pool, where no request waits, opened hundreds behind a bulkhead of
 * 40.
 */
export class Stack<C> {
  readonly #open: () => C;
  readonly #cut: (connection: C) => void;
  readonly #all: C[] = [];
  readonly #free: C[] = [];
  /** Free connections whose last request failed. They are used last, since most of them have to connect again. */
  readonly #broken: C[] = [];
  /**
   * Connections that were just given back. They become free after the next poll of the sockets, since the server may
   * close a connection right after its answer.
   */
  #returned: { connection: C; to: C[] }[] = [];
  #waiters: Use<C>[] = [];
  #underWay = 0;
  #isClosing = false;
  /** True once the connections are cut. Requests that take one later must fail. */
  isClosed = false;
  readonly #idle = Promise.withResolvers<void>();

  constructor({ open, cut }: Options<C>) {
    this.#open = open;
    this.#cut = cut;
  }

  /** Calls `use` with a free connection, either now or within two turns of the event loop. */
  take(use: Use<C>): void {
    const connection = this.#free.pop() ?? this.#broken.pop();
    if (connection) this.#use(connection, use);
    else if (this.#waiters.length < this.#returned.length) this.#waiters.push(use);
    else this.#use(this.#opened(), use);
  }

  give(connection: C, after: 'answer' | 'error'): void {
    this.#underWay -= 1;
    // The outer callback runs after the poll phase of this turn, the inner callback after the poll phase of the next
    // turn.
    if (this.#returned.length === 0) setImmediate(() => setImmediate(() => this.#settle()));
    this.#returned.push({ connection, to: after === 'answer' ? this.#free : this.#broken });
    this.#checkIdle();
  }

  /** Closes all connections when the requests in flight have ended. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#checkIdle();
    return this.#idle.promise.then(() => this.destroy());
  }

  destroy(): void {
    this.isClosed = true;
    for (const connection of this.#all) this.#cut(connection);
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
    const connection = this.#open();
    this.#all.push(connection);
    return connection;
  }
}
