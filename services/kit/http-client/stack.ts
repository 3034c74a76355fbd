/** Function that uses a connection for one request, and gives it back when the request has ended. */
type Use<C> = (connection: C) => void;

interface Options<C> {
  /** Creates a connection. The connection connects on its first use. */
  readonly open: () => C;
  readonly cut: (connection: C) => void;
}

/**
 * Returns a stack of keep-alive connections to one origin. A connection carries one request at a time. A request takes
 * the connection that was used last. A new connection is opened only if all others are in use.
 *
 * A request that follows an answer at once waits for the answer's connection. Connecting would delay other answers, so
 * still more connections would be opened. undici's Pool, where no request waits, opened hundreds behind a bulkhead of
 * 40.
 */
export function stackOf<C>({ open, cut }: Options<C>) {
  const all: C[] = [];
  const free: C[] = [];
  /** Free connections whose last request failed. They are used last, since most of them have to connect again. */
  const broken: C[] = [];
  /** Connections just given back. They become free after the next poll, by which their server may have closed them. */
  let returned: { connection: C; to: C[] }[] = [];
  let waiters: Use<C>[] = [];
  let underWay = 0;
  let isClosing = false;
  let isClosed = false;
  const idle = Promise.withResolvers<void>();

  const checkIdle = () => {
    if (isClosing && underWay === 0 && waiters.length === 0) idle.resolve();
  };
  const opened = () => {
    const connection = open();
    all.push(connection);
    return connection;
  };
  /** Calls `use` with a free connection, either now or within two turns of the event loop. */
  const take = (use: Use<C>): void => {
    const connection = free.pop() ?? broken.pop();
    if (!connection && waiters.length < returned.length) return void waiters.push(use);
    const taken = connection ?? opened();
    underWay += 1;
    use(taken);
  };
  const settle = () => {
    const [given, waiting] = [returned, waiters];
    returned = [];
    waiters = [];
    for (const { connection, to } of given) to.push(connection);
    for (const use of waiting) take(use);
  };
  const destroy = () => {
    isClosed = true;
    for (const connection of all) cut(connection);
  };
  return {
    /** True once the connections are cut. Requests that take one later must fail. */
    isClosed: () => isClosed,
    take,
    give(connection: C, after: 'answer' | 'error'): void {
      underWay -= 1;
      // The outer callback runs after the poll phase of this turn, the inner one after that of the next turn.
      if (returned.length === 0) setImmediate(() => setImmediate(settle));
      returned.push({ connection, to: after === 'answer' ? free : broken });
      checkIdle();
    },
    /** Closes all connections when the requests in flight have ended. */
    close(): Promise<void> {
      isClosing = true;
      checkIdle();
      return idle.promise.then(destroy);
    },
    destroy,
  };
}
