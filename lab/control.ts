import { Pool } from 'undici';
import type { MetricName } from '#kit/metrics.ts';
import type { Addresses, ServiceName } from './engine/testbed.ts';
import { TestbedError } from './testbed-error.ts';

/** Metric samples of one scrape: the series as written, e.g. `spillway_requests_total{outcome="ok"}`, to its value. */
export type Samples = ReadonlyMap<string, number>;

const answerWithinMs = 10_000;

/** What the lab asks of every service. */
export interface ControlPort {
  /** Replaces the configuration. Rejects with TestbedError when the service refuses it or does not answer. */
  configure(config: unknown): Promise<void>;
  /** Scrapes the metrics named, or all. Rejects with TestbedError when there is no answer within `withinMs`. */
  scrape(names?: readonly MetricName[], withinMs?: number): Promise<Samples>;
  close(): Promise<void>;
}

/** One for every service; downstream's is needed for its effects, too. */
export type Controls = Readonly<Record<ServiceName, ControlPort> & { downstream: Control }>;

/** In place of a service that is not Spillway's: it can't be told anything, and counts nothing. */
const foreign: ControlPort = {
  configure: async () => undefined,
  scrape: async () => new Map(),
  close: async () => undefined,
};

/** A service's control port. */
export class Control implements ControlPort {
  readonly #name: string;
  readonly #token: string | undefined;
  readonly #pool: Pool;

  /** `url` as in `http://127.0.0.1:4101`; `name` for error messages; `token` where the port wants one. */
  constructor(name: string, url: string, token?: string) {
    this.#name = name;
    this.#token = token;
    this.#pool = new Pool(url, { connections: 2 });
  }

  async configure(config: unknown): Promise<void> {
    await this.request('PUT', '/config', config);
  }

  async scrape(names: readonly MetricName[] = [], withinMs = answerWithinMs): Promise<Samples> {
    const query = names.map((name) => `name[]=${name}`).join('&');
    return parseMetrics(await this.request('GET', `/metrics${query && `?${query}`}`, undefined, withinMs));
  }

  async request(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    withinMs = answerWithinMs,
  ): Promise<string> {
    const { statusCode, body: answer } = await this.#pool
      .request({
        method,
        path,
        signal: AbortSignal.timeout(withinMs),
        headers: this.#headers(body !== undefined),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      .catch((error) => {
        throw new TestbedError(
          `${this.#name}-unreachable`,
          `${this.#name} does not answer: ${error.message}`,
          { cause: error },
        );
      });
    const text = await answer.text();
    if (statusCode < 300) return text;
    throw new TestbedError(`${this.#name}-refused`, `${this.#name} refused ${method} ${path}: ${text}`);
  }

  /** The body as it comes, for what may be large. */
  async stream(path: string): Promise<NodeJS.ReadableStream> {
    const { body } = await this.#pool.request({ method: 'GET', path, headers: this.#headers(false) });
    return body;
  }

  #headers(hasBody: boolean): Record<string, string> {
    return {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
    };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** The control ports of a testbed. */
export function controlsOf({ control, controlToken }: Addresses): Controls {
  const port = (name: ServiceName) => {
    const url = control[name];
    return url === undefined ? foreign : new Control(name, url, controlToken);
  };
  return {
    downstream: new Control('downstream', control.downstream, controlToken),
    gateway: port('gateway'),
    publisher: port('publisher'),
    consumer: port('consumer'),
  };
}

/** Reads the Prometheus text format; labels stay as they are written. */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/** The sum over all series of a metric, or 0 when there is none; `label` narrows it, e.g. `outcome="ok"`. */
export function total(samples: Samples, name: string, label = ''): number {
  let sum = 0;
  for (const [series, value] of samples) {
    if ((series === name || series.startsWith(`${name}{`)) && series.includes(label)) sum += value;
  }
  return sum;
}
