import { Pool } from 'undici';
import type { MetricName } from '#kit/metrics.ts';
import { TestbedError } from './engine/errors.ts';

/** Metric samples of one scrape: the series as written, e.g. `spillway_requests_total{outcome="ok"}`, to its value. */
export type Samples = ReadonlyMap<string, number>;

const answerWithinMs = 10_000;

/** A service's control port. */
export class Control {
  readonly #name: string;
  readonly #pool: Pool;

  /** `url` as in `http://127.0.0.1:4101`; `name` for error messages. */
  constructor(name: string, url: string) {
    this.#name = name;
    this.#pool = new Pool(url, { connections: 2 });
  }

  /** Replaces the configuration. Rejects with TestbedError when the service refuses it or does not answer. */
  async configure(config: unknown): Promise<unknown> {
    return JSON.parse(await this.request('PUT', '/config', config));
  }

  /** Scrapes the metrics named, or all. */
  async scrape(names: readonly MetricName[] = []): Promise<Samples> {
    const query = names.map((name) => `name[]=${name}`).join('&');
    return parseMetrics(await this.request('GET', `/metrics${query && `?${query}`}`));
  }

  async request(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<string> {
    const { statusCode, body: answer } = await this.#pool
      .request({
        method,
        path,
        signal: AbortSignal.timeout(answerWithinMs),
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
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
    const { body } = await this.#pool.request({ method: 'GET', path });
    return body;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
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
