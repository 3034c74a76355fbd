import { type ProxyFields, type ProxySpec, proxiesMax } from './config.ts';
import { refusals } from './refusal.ts';
import { type Surroundings, TcpProxy } from './tcp-proxy.ts';

/** All proxies of the process by their names. What is asked for at once is done one after the other. */
export class Proxies {
  readonly #surroundings: Surroundings;
  #all = new Map<string, TcpProxy>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  get all(): readonly TcpProxy[] {
    return [...this.#all.values()];
  }

  /** Throws Refusal when there is none of that name. */
  get(name: string): TcpProxy {
    const proxy = this.#all.get(name);
    if (proxy === undefined) throw refusals.noProxy();
    return proxy;
  }

  /** Runs a change after those before it. */
  async change<T>(change: () => T | Promise<T>): Promise<T> {
    const mine = this.#last.then(change);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Throws Refusal when there is one of that name, when there are too many, or when it can't listen. */
  async add(fields: ProxyFields): Promise<TcpProxy> {
    if (this.#all.has(fields.name)) throw refusals.proxyExists();
    if (this.#all.size >= proxiesMax) throw refusals.tooManyProxies(proxiesMax);
    const proxy = new TcpProxy(fields, this.#surroundings);
    if (fields.enabled) await proxy.start();
    this.#all.set(proxy.name, proxy);
    return proxy;
  }

  /** The same, but leaves one of that name as it is, or has it without toxics where it would listen or call elsewhere. */
  async addOrReplace(fields: ProxyFields): Promise<TcpProxy> {
    const existing = this.#all.get(fields.name);
    if (existing === undefined) return this.add(fields);
    if (await existing.differs(fields.listen, fields.upstream)) await existing.update(fields, []);
    return existing;
  }

  async remove(name: string): Promise<void> {
    await this.get(name).stop();
    this.#all.delete(name);
  }

  /** Enables all and removes all toxics. */
  async reset(): Promise<void> {
    for (const proxy of this.all) {
      await proxy.start();
      await proxy.removeToxics();
    }
  }

  /** Has these instead of those there are. */
  async replace(specs: readonly ProxySpec[]): Promise<void> {
    for (const { name } of this.all) await this.remove(name);
    for (const { toxics, ...fields } of specs) {
      const proxy = await this.add(fields);
      for (const toxic of toxics) proxy.addToxic(toxic);
    }
  }

  async stop(): Promise<void> {
    await this.change(() => this.replace([]));
  }
}
