import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '#kit/clock.ts';
import { drawFor, stream } from '#kit/random.ts';
import type { Address } from '#kit/urls.ts';
import { formatAddress, parseAddress } from './address.ts';
import { type ProxyFields, type ProxySpec, toxicsMax } from './config.ts';
import { type Link, type LinkParts, linkOf } from './link.ts';
import { type Stream, streams, type ToxicSpec } from './toxics.ts';

/** Thrown to refuse a call of the API, with Toxiproxy's status and message. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface ProxyParts {
  readonly clock: Clock;
  readonly seed: () => number;
}

const connectionsMax = 10_000;

/** Accepts clients and connects each client to upstream. A change of toxics also affects open connections. */
export class TcpProxy {
  readonly name: string;
  readonly #parts: ProxyParts;
  readonly #connections = new Set<Connection>();
  #listen: Address;
  #upstream: Address;
  #server: Server | undefined;
  #toxics: readonly ToxicSpec[] = [];
  #accepted = 0;

  /** Creates a proxy that doesn't listen yet. Here and in `update`, addresses must be valid by `wrongAddresses`. */
  constructor({ name, listen, upstream }: ProxyFields, parts: ProxyParts) {
    this.name = name;
    this.#listen = parseAddress(listen)!;
    this.#upstream = parseAddress(upstream)!;
    this.#parts = parts;
  }

  get enabled(): boolean {
    return this.#server !== undefined;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Toxics in the order of the API: those of the stream `upstream` come first. */
  get toxics(): readonly ToxicSpec[] {
    return streams.flatMap((stream) => this.#toxics.filter((toxic) => toxic.stream === stream));
  }

  toJSON(): ProxySpec {
    const { name, enabled, toxics } = this;
    return {
      name,
      listen: formatAddress(this.#listen),
      upstream: formatAddress(this.#upstream),
      enabled,
      toxics: [...toxics],
    };
  }

  /** True if the addresses differ from the proxy's. Throws Refusal if a host name can't be resolved. */
  async differs({ listen, upstream }: Pick<ProxyFields, 'listen' | 'upstream'>): Promise<boolean> {
    const { host, port } = parseAddress(listen)!;
    // Without a host, Node listens on ::, or on 0.0.0.0 if there is no IPv6.
    const hosts = host === '' ? ['', '::', '0.0.0.0'] : [await resolve(host).catch(refuse)];
    return (
      !hosts.includes(this.#listen.host) ||
      port !== this.#listen.port ||
      upstream !== formatAddress(this.#upstream)
    );
  }

  /** Starts to listen. Does nothing if the proxy already listens. Throws Refusal. */
  async start(): Promise<void> {
    if (this.enabled) return;
    const { host, port } = this.#listen;
    const address = { host: host && (await resolve(host).catch(refuse)), port };
    // Paused clients stay when the server closes.
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    const server = createServer(options, (client) => this.#accept(client));
    server.maxConnections = connectionsMax;
    await once(server.listen({ ...address, backlog: 4096 }), 'listening').catch(refuse);
    this.#server = server;
    const { address: at, port: bound } = server.address() as AddressInfo;
    this.#listen = { host: at, port: bound };
  }

  /** Stops listening and ends every connection. */
  async stop(): Promise<void> {
    this.#server?.close();
    this.#server = undefined;
    const all = [...this.#connections];
    for (const connection of all) connection.destroy();
    await Promise.all(all.map(({ closed }) => closed));
  }

  /**
   * Changes the proxy. A changed address ends all connections. Throws Refusal if the proxy can't listen at the new
   * address, and is then disabled.
   */
  async update(fields: ProxyFields): Promise<void> {
    if (await this.differs(fields)) {
      await this.stop();
      this.#listen = parseAddress(fields.listen)!;
      this.#upstream = parseAddress(fields.upstream)!;
    }
    await (fields.enabled ? this.start() : this.stop());
  }

  /** Throws Refusal if the name is taken, or if there are too many toxics. */
  addToxic(toxic: ToxicSpec): void {
    if (this.#toxics.some(({ name }) => name === toxic.name)) throw new Refusal(409, 'toxic already exists');
    if (this.#toxics.length >= toxicsMax)
      throw new Refusal(409, `expected at most ${toxicsMax} toxics on a proxy`);
    this.#toxics = [...this.#toxics, toxic];
    for (const link of this.#links(toxic.stream)) link.add(toxic);
  }

  /** Throws Refusal if no toxic has this name. */
  toxic(name: string): ToxicSpec {
    const toxic = this.#toxics.find((one) => one.name === name);
    if (toxic === undefined) throw new Refusal(404, 'toxic not found');
    return toxic;
  }

  async updateToxic(toxic: ToxicSpec): Promise<void> {
    this.#toxics = this.#toxics.map((one) => (one.name === toxic.name ? toxic : one));
    await Promise.all(this.#links(toxic.stream).map((link) => link.update(toxic)));
  }

  /** Removes a toxic. Rejects with Refusal if no toxic has this name. */
  async removeToxic(name: string): Promise<void> {
    const toxic = this.toxic(name);
    this.#toxics = this.#toxics.filter((one) => one !== toxic);
    await Promise.all(this.#links(toxic.stream).map((link) => link.remove(toxic)));
  }

  #links(stream: Stream) {
    return [...this.#connections].map(({ links }) => links[stream]);
  }

  #accept(client: Socket): void {
    const { clock, seed } = this.#parts;
    const id = `${this.name} ${++this.#accepted}`;
    const drawn = seed();
    const upstream = connect({ ...this.#upstream, allowHalfOpen: true, noDelay: true });
    const connection = connectionOf(client, upstream, (direction) => ({
      clock,
      random: (toxic) => stream(drawn, `${id} ${toxic}`),
      // A fault in both directions has a toxic in each direction. Both toxics get the same draw, since the name's
      // suffix is removed.
      spares: ({ name, toxicity }) =>
        toxicity < 1 && drawFor(drawn, id, 1, name.replace(new RegExp(`_${direction}$`), '')) >= toxicity,
    }));
    for (const toxic of this.#toxics) connection.links[toxic.stream].add(toxic);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

type Connection = ReturnType<typeof connectionOf>;

/**
 * Connects a client to upstream, with a link for each direction. The client's socket must be paused, and upstream's must
 * be connecting. If upstream can't be reached, the client's socket is closed.
 */
function connectionOf(client: Socket, upstream: Socket, partsOf: (direction: Stream) => LinkParts) {
  const sockets = [client, upstream];
  const links: Readonly<Record<Stream, Link>> = {
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

/** Returns the address of a host name. Prefers IPv4 like Go, and so Toxiproxy. */
const resolve = async (host: string): Promise<string> => (await lookup(host, { order: 'ipv4first' })).address;

function refuse(error: Error): never {
  throw new Refusal(500, error.message, { cause: error });
}
