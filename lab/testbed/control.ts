import { Pool } from 'undici';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { MetricName } from '#kit/metrics.ts';
import { resourceIn, urlsIn } from '#kit/urls.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { parseMetrics, type Samples, together } from '#lab/evidence/samples.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/topology/names.ts';
import { namesOf } from '#lab/topology/replicas.ts';
import type { Addresses } from './testbed.ts';

const answerWithinMs = 10_000;
/** A new configuration may have to wait for what is in the service's hands. */
const configuredWithinMs = 60_000;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The control port of a process. */
export class Control {
  readonly #name: string;
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #sent = new Map<string, number>();
  #configured: object | undefined;

  /** `url` as in `http://127.0.0.1:4101`; `name` for error messages; `token` where the port wants one. */
  constructor(name: string, url: string, token?: string, clock: Clock = systemClock) {
    this.#name = name;
    this.#url = url;
    this.#token = token;
    this.#clock = clock;
    this.#pool = new Pool(url, { connections: 2 });
  }

  /** Replaces the configuration. Rejects with TestbedError when the service refuses it, or does not answer for 60 s. */
  async configure(config: unknown): Promise<void> {
    const answer = await this.request('PUT', '/config', config, configuredWithinMs);
    this.#configured = this.#parsed('PUT', '/config', answer);
  }

  /** The last configuration set here, as the service has echoed it. */
  get configured(): object | undefined {
    return this.#configured;
  }

  /** Number of calls sent that may have changed something, by the first part of their path; without refused ones. */
  get sent(): ReadonlyMap<string, number> {
    return this.#sent;
  }

  /** Scrapes the metrics named, or all. Rejects with TestbedError when there is no answer within `withinMs`. */
  async scrape(names: readonly MetricName[] = [], withinMs = answerWithinMs): Promise<Samples> {
    const query = names.map((name) => `name[]=${name}`).join('&');
    return parseMetrics(await this.request('GET', `/metrics${query && `?${query}`}`, undefined, withinMs));
  }

  /** Why the service says that it can't do its job; nothing when it can. Rejects with TestbedError when it does not answer. */
  async unready(): Promise<string | undefined> {
    const { statusCode, text } = await this.#answer('GET', '/readyz');
    return statusCode === 200 ? undefined : this.#parsed('GET', '/readyz', text).detail;
  }

  /** How the service is configured. Rejects with TestbedError when what answers is no service of ours. */
  async config(): Promise<object> {
    return this.#parsed('GET', '/config', await this.request('GET', '/config'));
  }

  /** The service's monotonic clock, in ms. Rejects with TestbedError, also where its version has none to ask for. */
  async nowMs(): Promise<number> {
    const { statusCode, text } = await this.#answer('GET', '/clock');
    if (statusCode === 404) {
      const message = `${this.#name} at ${this.#url} is of a version without GET /clock: start it from the checkout that the lab is of`;
      throw new TestbedError(`${this.#name}-outdated`, message);
    }
    if (statusCode >= 300) throw this.#refusal('GET', '/clock', text);
    const { nowMs } = this.#parsed('GET', '/clock', text);
    if (typeof nowMs === 'number') return nowMs;
    throw this.#strange('GET', '/clock', text);
  }

  async request(method: Method, path: string, body?: unknown, withinMs = answerWithinMs): Promise<string> {
    if (method !== 'GET') this.#count(path, 1);
    const { statusCode, text } = await this.#answer(method, path, body, withinMs);
    if (statusCode < 300) return text;
    // A service doesn't count what it refuses: it would hide a change by hand.
    if (method !== 'GET') this.#count(path, -1);
    throw this.#refusal(method, path, text);
  }

  #count(path: string, by: 1 | -1): void {
    const resource = resourceIn(path);
    this.#sent.set(resource, (this.#sent.get(resource) ?? 0) + by);
  }

  #answer(method: Method, path: string, body?: unknown, withinMs = answerWithinMs) {
    const late = new AbortController();
    const reason = new Error(`not within ${withinMs / 1000} s`);
    const timer = this.#clock.after(withinMs, () => late.abort(reason));
    return this.#ask(method, path, body, late.signal)
      .catch((error) => {
        throw this.#unreachable(method, path, error);
      })
      .finally(() => this.#clock.cancel(timer));
  }

  async #ask(method: Method, path: string, body: unknown, signal: AbortSignal) {
    const { statusCode, body: answer } = await this.#pool.request({
      method,
      path,
      signal,
      headers: this.#headers(body !== undefined),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { statusCode, text: await answer.text() };
  }

  /** The body as it comes, for what may be large. Throws TestbedError when it is refused, or nothing comes for 10 s. */
  async *stream(path: string): AsyncGenerator<Uint8Array> {
    try {
      const { statusCode, body } = await this.#pool.request({
        method: 'GET',
        path,
        headers: this.#headers(false),
        headersTimeout: answerWithinMs,
        bodyTimeout: answerWithinMs,
      });
      if (statusCode >= 300) throw this.#refusal('GET', path, await body.text());
      yield* body;
    } catch (error) {
      throw error instanceof TestbedError ? error : this.#unreachable('GET', path, error as Error);
    }
  }

  #parsed(
    method: Method,
    path: string,
    text: string,
  ): { readonly detail?: string; readonly nowMs?: unknown } {
    const found = objectIn(text);
    if (found) return found;
    throw this.#strange(method, path, text);
  }

  #strange(method: Method, path: string, text: string): TestbedError {
    const message = `${this.#name} answers ${method} ${path} with ${text.slice(0, 100)}: is that a control port of Spillway's?`;
    return new TestbedError(`${this.#name}-strange`, message);
  }

  #refusal(method: Method, path: string, text: string): TestbedError {
    return new TestbedError(`${this.#name}-refused`, `${this.#name} refused ${method} ${path}: ${text}`);
  }

  #unreachable(method: Method, path: string, cause: Error): TestbedError {
    const message = `${this.#name} does not answer ${method} ${path}: ${cause.message}`;
    return new TestbedError(`${this.#name}-unreachable`, message, { cause });
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

function objectIn(json: string): object | undefined {
  try {
    const value = JSON.parse(json);
    return typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** One for every service, and the netproxy's where it stands on a hop. */
export type Controls = Readonly<Record<ServiceName, ServiceControl> & { netproxy?: Control | undefined }>;

/**
 * The control ports of all processes of a service, as one. A service that is not Spillway's has none: it can't be told
 * anything, and counts nothing.
 */
export class ServiceControl {
  readonly processes: ReadonlyMap<ServiceProcess, Control>;

  constructor(processes: ReadonlyMap<ServiceProcess, Control>) {
    this.processes = processes;
  }

  async configure(config: unknown): Promise<void> {
    await this.#all((port) => port.configure(config));
  }

  async scrape(...of: Parameters<Control['scrape']>): Promise<Samples> {
    return together(await this.#all((port) => port.scrape(...of)));
  }

  async request(...of: Parameters<Control['request']>): Promise<void> {
    await this.#all((port) => port.request(...of));
  }

  /** What each has there, one after the other. */
  async *stream(path: string): AsyncGenerator<Uint8Array> {
    for (const port of this.processes.values()) yield* port.stream(path);
  }

  async close(): Promise<void> {
    await this.#all((port) => port.close());
  }

  #all<T>(ask: (port: Control) => Promise<T>): Promise<T[]> {
    return Promise.all([...this.processes.values()].map(ask));
  }
}

/** The control ports of a testbed. */
export function controlsOf({ control, netproxyUrl, controlToken }: Addresses): Controls {
  const services = serviceNames.map((service) => {
    const urls = control[service] === undefined ? [] : urlsIn(control[service]);
    const names = namesOf(service, urls.length);
    const ports = urls.map((url, index) => {
      const name = names[index]!;
      return [name, new Control(name, url, controlToken)] as const;
    });
    return [service, new ServiceControl(new Map(ports))] as const;
  });
  return {
    ...(Object.fromEntries(services) as Record<ServiceName, ServiceControl>),
    ...(netproxyUrl !== undefined && { netproxy: new Control('netproxy', netproxyUrl, controlToken) }),
  };
}
