import type { Party } from '#lab/world/simulated/process.ts';

/** Way of messages between a client and the broker. */
export interface Way {
  toServer(act: () => void): void;
  toClient(act: () => void): void;
  /** Ends the connection, if the way has its own. It then also reports `lost`, `hungUp` and `back`. */
  close?(): void;
}

/** Status of a connection, as in the client library. */
type Status = 'disconnect' | 'reconnect';

/**
 * Connection of one client to a simulated broker. Like the client library, drops everything that the client sends while
 * it is disconnected.
 */
export class Session {
  atClient: number | undefined;
  atServer: number | undefined;
  readonly #client: Party;
  readonly #way: Way;
  /** All changes of the connection until now. */
  readonly #statuses: Status[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #onBack: (() => void)[] = [];
  /** Functions that run in the broker's process when the broker has lost the client. */
  readonly #onEnd: (() => void)[] = [];
  readonly #connected = Promise.withResolvers<void>();
  /** Resolves when the session is connected for the first time. */
  readonly connected = this.#connected.promise;
  /** Broker's end of the connection; undefined while disconnected. */
  #server: Party | undefined;

  /** Without a server, the way connects the session by `back`. */
  constructor(client: Party, server: Party | undefined, wayOf: (session: Session) => Way) {
    this.#client = client;
    this.#way = wayOf(this);
    if (server) this.#open(server);
    else client.opened(this, 'client');
  }

  send(act: () => void): void {
    const server = this.#server;
    if (server) this.#way.toServer(() => server.receive(act));
  }

  /** Runs `act` at the client. Drops it if the connection has broken. */
  receive(act: () => void): void {
    const server = this.#server;
    this.#way.toClient(() => this.#client.receive(() => server === this.#server && act()));
  }

  clientEnded(): void {
    if (this.#way.close) return void this.#way.close();
    for (const end of this.#onEnd) this.send(end);
    this.#server?.closed(this, 'server');
  }

  serverEnded(): void {
    if (!this.#way.close) this.lost();
  }

  /** Called when the client loses the connection. */
  lost(): void {
    this.#server = undefined;
    this.#client.receive(() => this.#report('disconnect'));
  }

  /** Called when the broker loses the connection. */
  hungUp(server: Party): void {
    server.receive(() => {
      for (const end of this.#onEnd) end();
    });
  }

  /** Called when the broker has started again. A way with its own connection reconnects automatically. */
  restarted(server: Party): void {
    if (!this.#way.close) this.back(server);
  }

  /** Connects to a process of the broker. */
  back(server: Party): void {
    this.#client.receive(() => {
      this.#open(server);
      this.#report('reconnect');
      for (const resume of this.#onBack) resume();
    });
  }

  /** Calls `resume` after each reconnect. */
  onBack(resume: () => void): void {
    this.#onBack.push(resume);
  }

  onEnd(end: () => void): void {
    this.#onEnd.push(end);
  }

  async *statuses(): AsyncGenerator<{ readonly type: Status }> {
    for (let next = this.#statuses.length; ; next++) {
      while (next >= this.#statuses.length) await this.#changed.promise;
      yield { type: this.#statuses[next]! };
    }
  }

  #open(server: Party): void {
    this.#server = server;
    this.#connected.resolve();
    if (this.#way.close) return;
    this.#client.opened(this, 'client');
    server.opened(this, 'server');
  }

  #report(status: Status): void {
    this.#statuses.push(status);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
