import type { AddressInfo } from 'node:net';
import { systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http/app.ts';
import { createLog } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { formatAddress } from './address.ts';
import { api, proxyReader, readToxic } from './api.ts';
import type { Netproxy as Declared, NetproxyOptions } from './declared.d.ts';
import { Proxies } from './proxies.ts';
import { tcp } from './tcp.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import type { ToxicSpec } from './toxics.ts';

// This is the export `spillway/netproxy`, for tests, with the types of `declared.d.ts`.

/** Fields of a toxic, as Toxiproxy's API takes them. */
type ToxicFields = Readonly<Record<string, unknown>>;

/** Starts proxies in this process, and Toxiproxy's HTTP API on loopback. Rejects if the port is in use. */
export async function startNetproxy({ port = 0, seed = 1 }: NetproxyOptions = {}): Promise<Netproxy> {
  const proxies = new Proxies({ clock: systemClock, metrics: new Metrics(), network: tcp, seed: () => seed });
  const app = createApp(createLog('netproxy', 'silent'));
  app.register((scope, _options, done) => {
    api(scope, proxies, false);
    done();
  });
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address() as AddressInfo;
  const url = `http://${formatAddress({ host: address.address, port: address.port })}`;
  return new Netproxy(url, proxies, () => app.close());
}

const readProxy = proxyReader(false);

/** Proxies of one test or one process. */
class Netproxy {
  /** URL of Toxiproxy's HTTP API, for its clients. */
  readonly url: string;
  readonly #proxies: Proxies;
  readonly #closeApi: () => Promise<void>;

  constructor(url: string, proxies: Proxies, closeApi: () => Promise<void>) {
    this.url = url;
    this.#proxies = proxies;
    this.#closeApi = closeApi;
  }

  /**
   * Creates a proxy before `upstream`, a `host:port`, on a free port of loopback or on `listen`. Rejects if a field is
   * invalid, if the name is taken, or if the port is in use.
   */
  async create(fields: Parameters<Declared['create']>[0]): Promise<TestProxy> {
    return new TestProxy(
      await this.#proxies.change(() => this.#proxies.add(readProxy(fields))),
      this.#proxies,
    );
  }

  /** Enables all proxies and removes all toxics. */
  reset(): Promise<void> {
    return this.#proxies.change(() => this.#proxies.reset());
  }

  /** Closes the API, all proxies and all their connections. */
  async close(): Promise<void> {
    await this.#proxies.stop();
    await this.#closeApi();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Proxy before one server. */
class TestProxy {
  readonly #proxy: TcpProxy;
  readonly #proxies: Proxies;

  constructor(proxy: TcpProxy, proxies: Proxies) {
    this.#proxy = proxy;
    this.#proxies = proxies;
  }

  get name(): string {
    return this.#proxy.name;
  }

  /** Address for clients, as `host:port`. */
  get listen(): string {
    return this.#proxy.toJSON().listen;
  }

  get enabled(): boolean {
    return this.#proxy.enabled;
  }

  /** Number of open connections. */
  get connections(): number {
    return this.#proxy.connections;
  }

  get toxics(): readonly ToxicSpec[] {
    return this.#proxy.toxics;
  }

  /** Adds a toxic, which also affects open connections. Its name is `<type>_<stream>` unless given. */
  addToxic(toxic: ToxicFields): Promise<ToxicSpec> {
    return this.#change(() => {
      const spec = readToxic(toxic);
      this.#proxy.addToxic(spec);
      return spec;
    });
  }

  removeToxic(name: string): Promise<void> {
    return this.#change(() => this.#proxy.removeToxic(name));
  }

  /** Listens again after `disable`, on the same port. */
  enable(): Promise<void> {
    return this.#change(() => this.#proxy.start());
  }

  /** Closes the port and all connections. */
  disable(): Promise<void> {
    return this.#change(() => this.#proxy.stop());
  }

  remove(): Promise<void> {
    return this.#change(() => this.#proxies.remove(this.name));
  }

  /** Rejects with Refusal if the proxy was removed, since another one may have its name or its port. */
  #change<T>(act: () => T | Promise<T>): Promise<T> {
    return this.#proxies.change(() => {
      this.#proxies.refuseRemoved(this.#proxy);
      return act();
    });
  }
}
