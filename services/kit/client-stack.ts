import { type buildConnector, Client } from 'undici';

/** Uses a client for one request, and gives it back when that has ended. */
type Use = (client: Client) => void;

/**
 * Keep-alive connections to one origin, for one request at a time each. The one used last is taken first, and another is
 * opened only while every other has a request under way. A request that is aborted while its connection is being opened
 * keeps it until connecting ends, after 10 s at the latest. So while connecting hangs, there are more connections than
 * requests at once.
 *
 * undici's own Pool opens one more for each request that follows at once on an answer, since that connection is not free
 * until the event loop has turned. Connecting delays answers, so even more follow: behind a bulkhead of 40 it opened
 * hundreds. It also searches all of them for each request.
 */
export class ClientStack {
  readonly #origin: string;
  readonly #connect: buildConnector.connector;
  readonly #all: Client[] = [];
  readonly #free: Client[] = [];
  /** Free too, but the last request broke off: most of them have to connect again. */
  readonly #broken: Client[] = [];
  /** Given back in this turn of the event loop. A server may hang up right after its answer, which is seen in the next. */
  #returned: { client: Client; to: Client[] }[] = [];
  /** Requests that wait for one of those. */
  #line: Use[] = [];
  #closed = false;

  constructor(origin: string, connect: buildConnector.connector) {
    this.#origin = origin;
    this.#connect = connect;
  }

  /** Calls back with a client that has no request: at once, or within a turn of the event loop. */
  take(use: Use): void {
    const client = this.#free.pop() ?? this.#broken.pop();
    if (client) use(client);
    else if (this.#line.length < this.#returned.length) this.#line.push(use);
    else use(this.#open());
  }

  give(client: Client, after: 'answer' | 'error'): void {
    if (this.#returned.length === 0) setImmediate(() => this.#settle());
    this.#returned.push({ client, to: after === 'answer' ? this.#free : this.#broken });
  }

  /** Once all requests under way have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#all.map((client) => client.close()));
  }

  /** Cuts off the requests under way. */
  async destroy(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#all.map((client) => client.destroy()));
  }

  #settle(): void {
    const [returned, line] = [this.#returned, this.#line];
    this.#returned = [];
    this.#line = [];
    for (const { client, to } of returned) to.push(client);
    for (const use of line) this.take(use);
  }

  #open(): Client {
    const client = new Client(this.#origin, {
      connect: this.#connect,
      // undici's own timeouts are useless below a second: deadlines are abort signals.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 600_000,
      keepAliveMaxTimeout: 600_000,
    });
    this.#all.push(client);
    // Its request fails then, as those of the others do.
    if (this.#closed) void client.destroy();
    return client;
  }
}
