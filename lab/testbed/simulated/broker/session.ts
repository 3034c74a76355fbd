import type { Delay } from '#lab/testbed/simulated/hop.ts';
import type { Party } from '#lab/testbed/simulated/process.ts';

/** Status of a connection, as in the client library. */
type Status = 'disconnect' | 'reconnect';

/**
 * Connection of one client to a simulated broker. Like the client library, drops everything that the client sends while
 * it is disconnected.
 */
export class Session {
  readonly #client: Party;
  readonly #hop: Delay;
  readonly #readers: { queue: Status[]; wake: () => void }[] = [];
  readonly #onBack: (() => void)[] = [];
  /** Called at the broker when the client's process has ended. */
  readonly #onEnd: (() => void)[] = [];
  /** Broker's end of the connection; undefined while disconnected. */
  #server: Party | undefined;

  constructor(client: Party, server: Party, hop: Delay) {
    this.#client = client;
    this.#hop = hop;
    this.#open(server);
  }

  /** Runs `act` at the broker. */
  send(act: () => void): void {
    const server = this.#server;
    if (server) this.#hop(() => server.receive(act));
  }

  /** Runs `act` at the client. Drops it if the connection has broken. */
  receive(act: () => void): void {
    const server = this.#server;
    this.#hop(() => this.#client.receive(() => server === this.#server && act()));
  }

  clientEnded(): void {
    for (const end of this.#onEnd) this.send(end);
    this.#server?.closed(this, 'server');
  }

  serverEnded(): void {
    this.#server = undefined;
    this.#client.receive(() => this.#report('disconnect'));
  }

  /** Reconnects to a new process of the broker. */
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
    const reader: { queue: Status[]; wake: () => void } = { queue: [], wake: () => undefined };
    this.#readers.push(reader);
    for (;;) {
      const type = reader.queue.shift();
      if (type) yield { type };
      else
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
        });
    }
  }

  #open(server: Party): void {
    this.#server = server;
    this.#client.opened(this, 'client');
    server.opened(this, 'server');
  }

  #report(status: Status): void {
    for (const reader of this.#readers) {
      reader.queue.push(status);
      reader.wake();
    }
  }
}
