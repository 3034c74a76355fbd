import { type Channel, Connection } from '#kit/http-client/connection.ts';
import type { Address } from '#kit/urls.ts';

export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

/** Returns the message without the local address, which Node adds although the connection has none yet. */
function plainly({ message, code }: NodeJS.ErrnoException): string {
  const remedy =
    code === 'EMFILE' ? ': raise the limit of open files (ulimit -n), or use fewer connections' : '';
  return message.replace(/ - Local \(.*\)$/, '') + remedy;
}

/** Small enough for any listen backlog. */
const parallelConnects = 64;

/** Fixed number of connections to each replica of a target, which take turns. A broken one connects again on its next use. */
export class Connections {
  readonly size: number;
  readonly #addresses: readonly Address[];
  readonly #all: readonly Connection[];
  /** By replica. */
  readonly #free: readonly Channel[][];
  /** Maps each connection to its free list. */
  readonly #homes: ReadonlyMap<Channel, Channel[]>;
  #turn = 0;

  /** `size` is the number to each address, since one replica may get all requests. */
  constructor(addresses: readonly Address[], size: number) {
    this.size = size;
    this.#addresses = addresses;
    const free = addresses.map((address) => Array.from({ length: size }, () => new Connection(address)));
    this.#all = free.flat();
    this.#free = free;
    this.#homes = new Map(free.flatMap((home) => home.map((connection) => [connection, home])));
  }

  /** Opens all closed connections. Throws ConnectError. */
  async open(): Promise<void> {
    this.#turn = 0;
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
    const addresses = this.#addresses.map(({ host, port }) => `${host}:${port}`).join(', ');
    throw new ConnectError(
      `cannot connect to ${addresses} (${open} of ${this.#all.length} connections are open): ${plainly(failure.reason)}`,
      { cause: failure.reason },
    );
  }

  /** Returns the free connection used last, to the replica whose turn it is: its memory is warm at both ends. */
  take(): Channel | undefined {
    return this.#next().pop();
  }

  /** Returns the free connection unused for longest, to go through all. */
  takeOldest(): Channel | undefined {
    return this.#next().shift();
  }

  /** Takes a connection back; a broken one is used again last. */
  give(connection: Channel): void {
    const free = this.#homes.get(connection)!;
    if (connection.isOpen) free.push(connection);
    else free.unshift(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #next(): Channel[] {
    const free = this.#free[this.#turn]!;
    this.#turn = (this.#turn + 1) % this.#free.length;
    return free;
  }
}
