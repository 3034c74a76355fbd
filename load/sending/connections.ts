import type { Channel, Connection } from '#kit/http-client/connection.ts';
import type { Offering } from './own-request.ts';
import type { Encode } from './sender.ts';

export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

/** Returns an error's message without the local address that Node adds. Adds a remedy for EMFILE. */
function plainly({ message, code }: NodeJS.ErrnoException): string {
  const remedy =
    code === 'EMFILE' ? ': raise the limit of open files (ulimit -n), or use fewer connections' : '';
  return message.replace(/ - Local \(.*\)$/, '') + remedy;
}

/** Number of connections that are opened at the same time. It is small enough for any listen backlog. */
const parallelConnects = 64;

type PooledConnection<M> = Channel<M> & Pick<Connection, 'open'>;

/** Address of a target, with a function that makes connections to it. */
interface Replica<M> {
  readonly name: string;
  /** Returns a connection, which isn't opened yet. */
  readonly connect: () => PooledConnection<M>;
  /** True if there may be more connections than at the start. */
  readonly isUnlimited?: boolean;
}

/**
 * Fixed number of connections to each replica of a target, unless it is unlimited. The replicas take turns. A broken
 * connection reconnects on its next use. `M` is the type of their messages.
 */
export class Connections<M = string> {
  /** Returns a function that makes the messages for the requests of a command. */
  readonly encoderOf: (command: Offering) => Encode<M>;
  readonly #replicas: readonly Replica<M>[];
  readonly #all: PooledConnection<M>[] = [];
  /** Free connections by replica. */
  readonly #free: readonly Channel<M>[][];
  /** Maps each connection to its free list. */
  readonly #homes = new Map<Channel<M>, Channel<M>[]>();
  #turn = 0;

  /** `size` is the number of connections to each replica, since one may get all requests. */
  constructor(replicas: readonly Replica<M>[], size: number, encoderOf: (command: Offering) => Encode<M>) {
    this.encoderOf = encoderOf;
    this.#replicas = replicas;
    this.#free = replicas.map(() => []);
    for (const index of replicas.keys()) for (let count = 0; count < size; count++) this.#add(index);
  }

  /** Opens all closed connections. Rejects with ConnectError. */
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
    const names = this.#replicas.map(({ name }) => name).join(', ');
    throw new ConnectError(
      `cannot connect to ${names} (${open} of ${this.#all.length} connections are open): ${plainly(failure.reason)}`,
      { cause: failure.reason },
    );
  }

  /** Returns the most recently used free connection to the next replica. Its memory is warm at both ends. */
  take(): Channel<M> | undefined {
    return this.#next().pop();
  }

  /** Returns the least recently used free connection to the next replica, so that all connections get used. */
  takeOldest(): Channel<M> | undefined {
    return this.#next().shift();
  }

  /** Takes back a connection. `take` uses broken connections last. */
  give(connection: Channel<M>): void {
    const free = this.#homes.get(connection)!;
    if (connection.isOpen) free.push(connection);
    else free.unshift(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #next(): Channel<M>[] {
    const free = this.#free[this.#turn]!;
    if (free.length === 0 && this.#replicas[this.#turn]!.isUnlimited) this.#add(this.#turn);
    this.#turn = (this.#turn + 1) % this.#free.length;
    return free;
  }

  #add(index: number): void {
    const connection = this.#replicas[index]!.connect();
    const home = this.#free[index]!;
    this.#all.push(connection);
    this.#homes.set(connection, home);
    home.push(connection);
  }
}
