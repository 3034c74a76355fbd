import type { Clock } from '#kit/clock.ts';
import type { Controlled } from '#kit/http/control.ts';
import type { MetricName } from '#kit/metrics.ts';
import { parseMetrics, type Samples } from '#lab/evidence/samples.ts';
import type { ControlPort } from '#lab/testbed/control.ts';

/**
 * Routes of a service, by method and path. `:name` in a path stands for any text, which is the first argument. An answer
 * becomes JSON.
 */
type Routes = Readonly<Record<string, (name: string, body: unknown) => unknown>>;

interface PortParts extends Pick<Controlled, 'metrics' | 'config'> {
  readonly clock: Clock;
  readonly routes?: Routes;
  /** Streamed bodies, by path. */
  readonly streams?: Readonly<Record<string, () => Iterable<Buffer>>>;
}

const common: Routes = {
  'GET /faults': () => [],
  // A simulation has no stalls, since virtual time stands still while it computes.
  'GET /stalls': () => ({ stalls: [], complete: true }),
};

/** Control port of a simulated service. Answers at once, and calls the service without HTTP. */
export class SimulatedPort implements ControlPort {
  readonly sent = new Map<string, number>();
  configured: object | undefined;
  readonly #parts: PortParts;

  constructor(parts: PortParts) {
    this.#parts = parts;
  }

  async configure(config: unknown): Promise<void> {
    const own = this.#parts.config;
    // The copy drops undefined fields, like a request over HTTP.
    await own.apply(own.parse(JSON.parse(JSON.stringify(config))) as never);
    this.configured = await this.config();
  }

  async scrape(names: readonly MetricName[] = []): Promise<Samples> {
    return parseMetrics(await this.#parts.metrics.text(names.length > 0 ? names : undefined));
  }

  async unready(): Promise<undefined> {
    return undefined;
  }

  async config(): Promise<object> {
    return this.#parts.config.current() as object;
  }

  async nowMs(): Promise<number> {
    return this.#parts.clock.now();
  }

  async request(method: string, path: string, body?: unknown): Promise<string> {
    const asked = `${method} ${path.split('?', 1)[0]}`;
    const named = /^(.* \/[^/]+\/)([^/]+)$/.exec(asked);
    const routes = { ...common, ...this.#parts.routes };
    const route = routes[asked] ?? routes[`${named?.[1]}:name`];
    if (!route) throw new Error(`not simulated yet: ${asked}`);
    return JSON.stringify((await route(decodeURIComponent(named?.[2] ?? ''), body)) ?? null);
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const read = this.#parts.streams?.[path];
    if (!read) throw new Error(`not simulated yet: GET ${path}`);
    yield* read();
  }

  async close(): Promise<void> {}
}
