import { type Clock, deadline } from '#kit/clock.ts';
import type { Controlled } from '#kit/http/control.ts';
import type { MetricName } from '#kit/metrics.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { ControlPort } from '#lab/world/controls.ts';
import type { Running, SimulatedProcess } from './process.ts';

/**
 * Routes of a service, by method and path. `:name` in a path stands for any text, which is the first argument. An answer
 * becomes JSON.
 */
type Routes = Readonly<Record<string, (name: string, body: unknown) => unknown>>;

/** Parts of a service that its control port serves. */
export interface PortParts extends Pick<Controlled, 'metrics' | 'config'> {
  unready(): string | undefined | Promise<string | undefined>;
  readonly routes?: Routes;
  /** Streamed bodies, by path. */
  readonly streams?: Readonly<Record<string, () => Iterable<Uint8Array>>>;
}

const common: Routes = {
  'GET /faults': () => [],
  // A simulation has no stalls, since virtual time stands still while it computes.
  'GET /stalls': () => ({ stalls: [], complete: true }),
};

/** Time that callers of the port wait by default, as over HTTP. */
const answerWithinMs = 10_000;

/**
 * Control port of a simulated process. Answers at once, and calls the service without HTTP. A paused process answers
 * when it goes on.
 */
export class SimulatedPort implements ControlPort {
  readonly sent = new Map<string, number>();
  readonly #process: SimulatedProcess<Running & { readonly control: PortParts }>;
  readonly #clock: Clock;

  constructor(process: SimulatedProcess<Running & { readonly control: PortParts }>, clock: Clock) {
    this.#process = process;
    this.#clock = clock;
  }

  async configure(config: unknown): Promise<void> {
    // The copy drops undefined fields, like a request over HTTP.
    const copy = JSON.parse(JSON.stringify(config));
    await this.#ask('PUT /config', ({ config }) => config.apply(config.parse(copy) as never));
  }

  async scrape(names: readonly MetricName[] = [], withinMs?: number): Promise<Samples> {
    const some = names.length > 0 ? names : undefined;
    return this.#ask('GET /metrics', ({ metrics }) => metrics.values(some), withinMs);
  }

  unready(): Promise<string | undefined> {
    return this.#ask('GET /readyz', (service) => service.unready());
  }

  config(): Promise<object> {
    return this.#ask('GET /config', ({ config }) => config.current() as object);
  }

  ping(): ReturnType<ControlPort['ping']> {
    return this.#ask('GET /clock', () => {
      const nowMs = this.#clock.now();
      const wallMs = this.#clock.wallTime().getTime();
      return { sentAtMs: nowMs, receivedAtMs: nowMs, answeredAtMs: nowMs, returnedAtMs: nowMs, wallMs };
    });
  }

  async request(method: string, path: string, body?: unknown, withinMs?: number): Promise<string> {
    const asked = `${method} ${path.split('?', 1)[0]}`;
    const named = /^(.* \/[^/]+\/)([^/]+)$/.exec(asked);
    return this.#ask(
      asked,
      async ({ routes }) => {
        const all = { ...common, ...routes };
        const route = all[asked] ?? all[`${named?.[1]}:name`];
        if (!route) throw new Error(`not simulated: ${asked}`);
        return JSON.stringify((await route(decodeURIComponent(named?.[2] ?? ''), body)) ?? null);
      },
      withinMs,
    );
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const read = this.#process.service.control.streams?.[path];
    if (!read) throw new Error(`not simulated: GET ${path}`);
    yield* read();
  }

  async close(): Promise<void> {}

  /** Has the process answer. Rejects with TestbedError if it has ended, or doesn't answer in time. */
  async #ask<T>(
    call: string,
    act: (service: PortParts) => T | Promise<T>,
    withinMs = answerWithinMs,
  ): Promise<T> {
    const process = this.#process;
    const answer = process.ask(() => act(process.service.control));
    return deadline(answer, withinMs, this.#clock).catch((cause: Error) => {
      const { name } = process;
      throw new TestbedError(`${name}-unreachable`, `${name} does not answer ${call}: ${cause.message}`, {
        cause,
      });
    });
  }
}
