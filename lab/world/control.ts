import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import { type Clock, sleep, systemClock } from '#kit/clock.ts';
import type { ClockTimes } from '#kit/http/control.ts';
import { replicaLookups } from '#kit/http-client/replica-slots.ts';
import type { MetricName } from '#kit/metrics.ts';
import { addressOf, resourceIn, urlsIn } from '#kit/urls.ts';
import type { Ping } from '#lab/evidence/clocks.ts';
import { parseMetrics, type Samples } from '#lab/evidence/samples.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import { namesOf } from '#lab/kit/topology/replicas.ts';
import { type ControlPort, type Controls, controlsOver, type Method } from './controls.ts';
import type { Addresses } from './testbed.ts';

const answerWithinMs = 10_000;
/** Timeout of setting a configuration: the service may first wait for its requests in flight. */
const configuredWithinMs = 60_000;

/** Interval of repeated calls while a replica is replaced. */
const retryEveryMs = 200;

/** Opens the control port of a process, calls `act`, and closes the port. */
export async function withControl<T>(
  name: string,
  url: string,
  token: string | undefined,
  act: (port: Control) => Promise<T>,
): Promise<T> {
  const port = new Control(name, url, token);
  return act(port).finally(() => port.close());
}

/**
 * Client of a process's control port over HTTP. Its methods reject with TestbedError if the process refuses, doesn't
 * answer in time, or answers something else.
 */
export class Control implements ControlPort {
  readonly #name: string;
  readonly #token: string | undefined;
  readonly #clock: Clock;
  readonly #pool: Pool;
  /** True if the process may be replaced by another one at any time. */
  readonly #isReplaceable: boolean;
  readonly sent = new Map<string, number>();

  /** `url` is like `http://127.0.0.1:4101`. Error messages use `name`. `lookup` replaces the system's resolver. */
  constructor(
    name: string,
    url: string,
    token?: string,
    clock: Clock = systemClock,
    lookup?: LookupFunction,
  ) {
    this.#name = name;
    this.#token = token;
    this.#clock = clock;
    this.#isReplaceable = lookup !== undefined;
    this.#pool = new Pool(url, { connections: 2, ...(lookup && { connect: { lookup } }) });
  }

  async configure(config: unknown): Promise<void> {
    await this.request('PUT', '/config', config, configuredWithinMs);
  }

  async scrape(names: readonly MetricName[] = [], withinMs = answerWithinMs): Promise<Samples> {
    const query = names.map((name) => `name[]=${name}`).join('&');
    return parseMetrics(await this.request('GET', `/metrics${query && `?${query}`}`, undefined, withinMs));
  }

  async unready(): Promise<string | undefined> {
    const { statusCode, text } = await this.#answer('GET', '/readyz');
    return statusCode === 200 ? undefined : this.#parsed('GET /readyz', text).detail;
  }

  async config(): Promise<object> {
    return this.#parsed('GET /config', await this.request('GET', '/config'));
  }

  async ping(): Promise<Ping & Pick<ClockTimes, 'wallMs'>> {
    const sentAtMs = this.#clock.now();
    const text = await this.request('GET', '/clock');
    const returnedAtMs = this.#clock.now();
    const { receivedMs, answeredMs, wallMs, clockId } = this.#parsed('GET /clock', text);
    if (typeof receivedMs !== 'number' || typeof answeredMs !== 'number' || typeof wallMs !== 'number')
      throw this.#strange('GET /clock', text);
    return {
      sentAtMs,
      receivedAtMs: receivedMs,
      answeredAtMs: answeredMs,
      returnedAtMs,
      wallMs,
      ...(clockId !== undefined && { clockId }),
    };
  }

  async request(method: Method, path: string, body?: unknown, withinMs = answerWithinMs): Promise<string> {
    if (method !== 'GET') this.#count(path, 1);
    const { statusCode, text } = await this.#answer(method, path, body, withinMs);
    if (statusCode < 300) return text;
    // Services don't count refused calls. If the lab counted them, its count could hide a change that something else
    // made.
    if (method !== 'GET') this.#count(path, -1);
    throw this.#error('refused', `refused ${method} ${path}: ${text}`);
  }

  #count(path: string, by: 1 | -1): void {
    const resource = resourceIn(path);
    this.sent.set(resource, (this.sent.get(resource) ?? 0) + by);
  }

  async #answer(method: Method, path: string, body?: unknown, withinMs = answerWithinMs) {
    const late = new AbortController();
    const reason = new Error(`not within ${withinMs / 1000} s`);
    const timer = this.#clock.after(withinMs, () => late.abort(reason));
    const ask = async () => {
      const { statusCode, body: answer } = await this.#pool.request({
        method,
        path,
        signal: late.signal,
        headers: { ...this.#headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { statusCode, text: await answer.text() };
    };
    // A replica that is being replaced answers a little later, at another address.
    const again = async (error: unknown): ReturnType<typeof ask> => {
      if (!this.#isReplaceable || method !== 'GET' || late.signal.aborted) throw error;
      await sleep(retryEveryMs, this.#clock, late.signal).catch(() => Promise.reject(error));
      return ask().catch(again);
    };
    try {
      return await ask().catch(again);
    } catch (error) {
      throw this.#unreachable(`${method} ${path}`, error);
    } finally {
      this.#clock.cancel(timer);
    }
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    try {
      const { statusCode, body } = await this.#pool.request({
        method: 'GET',
        path,
        headers: this.#headers,
        headersTimeout: answerWithinMs,
        bodyTimeout: answerWithinMs,
      });
      if (statusCode >= 300) throw this.#error('refused', `refused GET ${path}: ${await body.text()}`);
      yield* body;
    } catch (error) {
      throw error instanceof TestbedError ? error : this.#unreachable(`GET ${path}`, error);
    }
  }

  get #headers(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  /** Parses an answer. Throws TestbedError unless it is an object. */
  #parsed(call: string, text: string): Partial<ClockTimes> & { readonly detail?: string } {
    try {
      const value = JSON.parse(text);
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    } catch {
      // The text is not JSON. The error below says so.
    }
    throw this.#strange(call, text);
  }

  #strange(call: string, text: string): TestbedError {
    const hint = "is that a control port of Spillway's?";
    return this.#error('strange', `answers ${call} with ${text.slice(0, 100)}: ${hint}`);
  }

  #unreachable(call: string, cause: unknown): TestbedError {
    return this.#error('unreachable', `does not answer ${call}: ${(cause as Error).message}`, { cause });
  }

  #error(reason: string, message: string, options?: ErrorOptions): TestbedError {
    return new TestbedError(`${this.#name}-${reason}`, `${this.#name} ${message}`, options);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

export function controlsOf({ control, netproxyUrl, controlToken }: Addresses): Controls {
  const portsOf = (service: ServiceName) => {
    const urls = control[service] === undefined ? [] : urlsIn(control[service]);
    // Without sharing, since a replica in two slots would be counted twice.
    const lookups = replicaLookups(urls.map(addressOf), { mayShare: false });
    return namesOf(service, urls.length).map((name, index) => {
      const port = new Control(name, urls[index]!, controlToken, undefined, lookups[index]);
      return [name, port] as const;
    });
  };
  const netproxy = netproxyUrl ? new Control('netproxy', netproxyUrl, controlToken) : undefined;
  return controlsOver(portsOf, netproxy);
}
