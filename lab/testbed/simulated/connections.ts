import type { WorkRequest } from '#kit/http/request.ts';
import type { Channel, Exchange } from '#kit/http-client/connection.ts';
import type { Pool } from '#load/sending/connections.ts';
import type { Hop } from './hop.ts';

/** Answers a request. The signal aborts when the caller disconnects. */
type Serve = (asked: WorkRequest, signal: AbortSignal) => Promise<Served>;

interface Served {
  readonly status: number;
  /** Attempts made for the request; undefined if the service can't know. */
  readonly attempts?: number | undefined;
  readonly body: string;
  readonly error?: unknown;
}

interface ConnectionParts {
  readonly serve: Serve;
  readonly hop: Hop;
  /** Receives an unexpected error of the service. */
  readonly crashed: (error: unknown) => void;
}

/** Connections of a simulated generator to a service. `size` is the maximal number of requests in flight. */
export class SimulatedConnections implements Pool<WorkRequest> {
  readonly #parts: ConnectionParts;
  readonly #free: Channel<WorkRequest>[] = [];
  #unopened: number;

  constructor(size: number, parts: ConnectionParts) {
    this.#unopened = size;
    this.#parts = parts;
  }

  async open(): Promise<void> {}

  take(): Channel<WorkRequest> | undefined {
    const free = this.#free.pop();
    if (free || this.#unopened === 0) return free;
    this.#unopened -= 1;
    return new SimulatedChannel(this.#parts);
  }

  takeOldest(): Channel<WorkRequest> | undefined {
    return this.take();
  }

  give(connection: Channel<WorkRequest>): void {
    this.#free.push(connection);
  }

  encoderOf() {
    return (id: string, _index: number, leftMs: number, ofClass: string | undefined): WorkRequest => ({
      body: { id },
      leftMs,
      class: ofClass,
      attempt: undefined,
      traceparent: undefined,
    });
  }
}

class SimulatedChannel implements Channel<WorkRequest> {
  readonly isOpen = true;
  readonly #parts: ConnectionParts;
  #caller: AbortController | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  send(asked: WorkRequest, exchange: Exchange): void {
    const caller = new AbortController();
    this.#caller = caller;
    exchange.sending();
    this.#parts.hop(() => void this.#serve(asked, exchange, caller));
  }

  close(): void {
    const caller = this.#caller;
    this.#caller = undefined;
    this.#parts.hop(() => caller?.abort(new Error('the caller disconnected')));
  }

  async #serve(asked: WorkRequest, exchange: Exchange, caller: AbortController): Promise<void> {
    const { serve, hop, crashed } = this.#parts;
    const { status, attempts, body, error } = await serve(asked, caller.signal);
    if (error !== undefined) crashed(error);
    hop(() => {
      if (this.#caller !== caller) return;
      this.#caller = undefined;
      exchange.answered({ status, attempts, body, keepAliveMs: Number.POSITIVE_INFINITY });
    });
  }
}
