import { serially } from '#kit/clock.ts';
import { type ProxyFields, type ProxySpec, proxiesMax } from './config.ts';
import { type ProxyParts, Refusal, TcpProxy } from './tcp-proxy.ts';

export class Proxies {
  readonly change = serially();
  readonly #parts: ProxyParts;
  #all = new Map<string, TcpProxy>();

  constructor(parts: ProxyParts) {
    this.#parts = parts;
  }

  get all(): readonly TcpProxy[] {
    return [...this.#all.values()];
  }

  /** Throws Refusal if no proxy has this name. */
  get(name: string): TcpProxy {
    const proxy = this.#all.get(name);
    if (proxy === undefined) throw new Refusal(404, 'proxy not found');
    return proxy;
  }

  /** Adds a proxy. Rejects with Refusal if its name is taken, if there are too many proxies, or if it can't listen. */
  async add(fields: ProxyFields): Promise<TcpProxy> {
    if (this.#all.has(fields.name)) throw new Refusal(409, 'proxy already exists');
    if (this.#all.size >= proxiesMax) throw new Refusal(409, `expected at most ${proxiesMax} proxies`);
    const proxy = new TcpProxy(fields, this.#parts);
    if (fields.enabled) await proxy.start();
    this.#all.set(proxy.name, proxy);
    return proxy;
  }

  /**
   * Adds a proxy, in place of one of the same name with other addresses. One with the same addresses stays as it is.
   */
  async addOrReplace(fields: ProxyFields): Promise<TcpProxy> {
    const existing = this.#all.get(fields.name);
    if (existing && !(await existing.differs(fields))) return existing;
    if (existing) await this.remove(fields.name);
    return this.add(fields);
  }

  async remove(name: string): Promise<void> {
    await this.get(name).stop();
    this.#all.delete(name);
  }

  async reset(): Promise<void> {
    for (const proxy of this.all) {
      await proxy.start();
      for (const { name } of proxy.toxics) await proxy.removeToxic(name);
    }
  }

  async replace(specs: readonly ProxySpec[]): Promise<void> {
    for (const { name } of this.all) await this.remove(name);
    for (const { toxics, ...fields } of specs) {
      const proxy = await this.add(fields);
      for (const toxic of toxics) proxy.addToxic(toxic);
    }
  }

  stop(): Promise<void> {
    return this.change(() => this.replace([]));
  }
}
