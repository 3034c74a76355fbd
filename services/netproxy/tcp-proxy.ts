import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '#kit/clock.ts';
import { stream } from '#kit/random.ts';
import type { Address } from '#kit/urls.ts';
import { formatAddress, parseAddress } from './address.ts';
import type { ProxySpec } from './config.ts';
import type { ToxicOptions } from './faults/config.ts';
import { type Link, type LinkParts, linkOf } from './link.ts';
import { type Stream, streams } from './toxics/toxic.ts';

const connectionsMax = 10_000;

export interface ProxyParts {
  readonly clock: Clock;
  readonly seed: () => number;
}

/** Accepts clients and connects each client to upstream. A change of toxics also affects open connections. */
export class TcpProxy {
  readonly name: string;
  readonly #parts: ProxyParts;
  readonly #connections = new Set<Connection>();
  readonly #upstream: Address;
  #listen: Address;
  #server: Server | undefined;
  /** Toxics by the names of their faults. */
  readonly #toxics = new Map<string, ToxicOptions>();
  #accepted = 0;

  /** Creates a proxy that doesn't listen yet. Its addresses must be valid by `wrongAddresses`. */
  constructor({ name, listen, upstream }: ProxySpec, parts: ProxyParts) {
    this.name = name;
    this.#listen = parseAddress(listen)!;
    this.#upstream = parseAddress(upstream)!;
    this.#parts = parts;
  }

  get connections(): number {
    return this.#connections.size;
  }

  toJSON(): ProxySpec {
    return {
      name: this.name,
      listen: formatAddress(this.#listen),
      upstream: formatAddress(this.#upstream),
    };
  }

  /** Starts to listen. Does nothing if the proxy already listens. Rejects with the error of the system. */
  async start(): Promise<void> {
    if (this.#server) return;
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    const server = createServer(options, (client) => this.#accept(client));
    server.maxConnections = connectionsMax;
    server.listen({ ...this.#listen, backlog: 4096 });
    await once(server, 'listening');
    const { address: host, port } = server.address() as AddressInfo;
    this.#server = server;
    this.#listen = { host, port };
  }

  /** Stops listening and ends every connection. */
  async stop(): Promise<void> {
    this.#server?.close();
    this.#server = undefined;
    const all = [...this.#connections];
    for (const connection of all) connection.destroy();
    await Promise.all(all.map(({ closed }) => closed));
  }

  addToxic(name: string, toxic: ToxicOptions): void {
    this.#toxics.set(name, toxic);
    for (const { links } of this.#connections) addTo(links, name, toxic);
  }

  async removeToxic(name: string): Promise<void> {
    this.#toxics.delete(name);
    const links = [...this.#connections].flatMap(({ links }) => Object.values(links));
    await Promise.all(links.map((link) => link.remove(name)));
  }

  #accept(client: Socket): void {
    const { clock, seed } = this.#parts;
    const id = `${this.name} ${++this.#accepted}`;
    const drawn = seed();
    const upstream = connect({ ...this.#upstream, allowHalfOpen: true, noDelay: true });
    const connection = connectionOf(client, upstream, (direction) => ({
      clock,
      random: (name) => stream(drawn, `${id} ${name}_${direction}`),
    }));
    for (const [name, toxic] of this.#toxics) addTo(connection.links, name, toxic);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

type Links = Readonly<Record<Stream, Link>>;

function addTo(links: Links, name: string, toxic: ToxicOptions): void {
  for (const direction of streams)
    if (toxic.stream === 'both' || toxic.stream === direction) links[direction].add(name, toxic);
}

type Connection = ReturnType<typeof connectionOf>;

/**
 * Connects a client to upstream, with a link for each direction. The client's socket must be paused, and upstream's must
 * be connecting. If upstream can't be reached, the client's socket is closed.
 */
function connectionOf(client: Socket, upstream: Socket, partsOf: (direction: Stream) => LinkParts) {
  const sockets = [client, upstream];
  const links: Links = {
    upstream: linkOf(client, upstream, partsOf('upstream')),
    downstream: linkOf(upstream, client, partsOf('downstream')),
  };
  const destroy = () => {
    for (const socket of sockets) socket.destroy();
  };
  for (const socket of sockets) {
    // Prevents a crash from an unhandled error. After connecting, the links handle errors themselves.
    socket.on('error', () => undefined);
    socket.once('close', destroy);
  }
  upstream.once('connect', () => {
    for (const socket of sockets) socket.off('close', destroy);
    for (const link of Object.values(links)) link.start();
  });
  const ends = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', resolve)));
  /** Resolves when both sockets are closed. */
  const closed = Promise.all(ends).then(() => {
    for (const link of Object.values(links)) link.stop();
  });
  return { links, destroy, closed };
}
