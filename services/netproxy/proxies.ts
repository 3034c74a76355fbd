import { serially } from '#kit/clock.ts';
import { refuse } from '#kit/schema/problems.ts';
import { type ProxySpec, proxiesMax } from './config.ts';
import { type ProxyParts, TcpProxy } from './tcp-proxy.ts';

export class Proxies {
  readonly change = serially();
  readonly #parts: ProxyParts;
  readonly #all = new Map<string, TcpProxy>();

  constructor(parts: ProxyParts) {
    this.#parts = parts;
  }

  get all(): readonly TcpProxy[] {
    return [...this.#all.values()];
  }

  find(name: string): TcpProxy | undefined {
    return this.#all.get(name);
  }

  /** Adds a proxy. Rejects with InvalidError if its name is taken, or if there are too many proxies. */
  async add(spec: ProxySpec): Promise<TcpProxy> {
    if (this.#all.has(spec.name)) refuse([{ pointer: '/name', message: 'is taken' }]);
    if (this.#all.size >= proxiesMax)
      refuse([{ pointer: '', message: `expected at most ${proxiesMax} proxies` }]);
    const proxy = new TcpProxy(spec, this.#parts);
    await proxy.start();
    this.#all.set(proxy.name, proxy);
    return proxy;
  }

  async replace(specs: readonly ProxySpec[]): Promise<void> {
    for (const proxy of this.all) {
      await proxy.stop();
      this.#all.delete(proxy.name);
    }
    for (const spec of specs) await this.add(spec);
  }

  stop(): Promise<void> {
    return this.change(() => this.replace([]));
  }
}
