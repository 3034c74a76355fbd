import { type Address, type Channel, Connection } from './connection.ts';

/** The target does not take our connections. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

/** Few enough for any listen backlog. */
const parallelConnects = 64;

/** A fixed number of connections to one target. One that broke is connected again when it is needed. */
export class Connections {
  readonly #address: Address;
  readonly #all: Connection[];
  readonly #free: Channel[];

  get size(): number {
    return this.#all.length;
  }

  constructor(address: Address, size: number) {
    this.#address = address;
    this.#all = Array.from({ length: size }, () => new Connection(address));
    this.#free = [...this.#all];
  }

  /** Connects all that are not. Throws ConnectError. */
  async open(): Promise<void> {
    const closed = this.#all.filter((connection) => !connection.isOpen);
    let open = this.#all.length - closed.length;
    const next = closed.values();
    const connectSome = async () => {
      for (const connection of next) {
        await connection.open();
        open += 1;
      }
    };
    const parts = await Promise.allSettled(Array.from({ length: parallelConnects }, connectSome));
    const failure = parts.find((part) => part.status === 'rejected');
    if (!failure) return;
    const { host, port } = this.#address;
    throw new ConnectError(
      `cannot connect to ${host}:${port} (${open} of ${this.#all.length} connections are open): ${failure.reason.message}`,
      { cause: failure.reason },
    );
  }

  /** The one that was used last: its memory is warm, here and at the other end. */
  take(): Channel | undefined {
    return this.#free.pop();
  }

  /** The one that was not used for longest: going through all of them. */
  takeOldest(): Channel | undefined {
    return this.#free.shift();
  }

  /** Takes a connection back; a broken one is the last to be used again. */
  give(connection: Channel): void {
    if (connection.isOpen) this.#free.push(connection);
    else this.#free.unshift(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}
