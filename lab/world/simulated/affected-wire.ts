import type { Clock } from '#kit/clock.ts';
import type { NetworkFaultOptions } from '#netproxy/faults/config.ts';
import type { Stream } from '#netproxy/toxics.ts';
import { type Breakable, type Delay, delayOf, type Wire, wasClosed, wasReset } from './hop.ts';
import type { Listener } from './process.ts';

/** Way to a server over a hop with faults. They act on whole messages, and the end of a connection is no message. */
export class AffectedWire implements Wire {
  readonly server: Listener;
  readonly clock: Clock;
  readonly #delay: Delay;
  readonly #faults = new Map<string, NetworkFaultOptions>();
  readonly #open = new Set<Breakable>();
  /** Times at which the last messages of a connection arrive, since messages keep their order. */
  readonly #lastMs = new WeakMap<Breakable, Record<Stream, number>>();

  constructor(server: Listener, overheadMs: number, clock: Clock) {
    this.server = server;
    this.clock = clock;
    this.#delay = delayOf(clock, overheadMs);
  }

  get isListening(): boolean {
    return this.server.isListening && this.#faults.values().every(({ kind }) => kind !== 'down');
  }

  opened(connection: Breakable): void {
    this.#open.add(connection);
    this.#lastMs.set(connection, { upstream: 0, downstream: 0 });
  }

  closed(connection: Breakable): void {
    this.#open.delete(connection);
  }

  begin(name: string, fault: NetworkFaultOptions): void {
    this.#faults.set(name, fault);
    if (fault.kind === 'down') this.#breakAll();
  }

  end(name: string): void {
    const fault = this.#faults.get(name);
    this.#faults.delete(name);
    if (fault?.kind === 'blackhole') this.#breakAll();
  }

  carry(stream: Stream, connection: Breakable, arrived: () => void): void {
    this.#delay(() => {
      let lateMs = 0;
      for (const fault of this.#faults.values()) {
        if (fault.kind === 'down' || (fault.stream !== 'both' && fault.stream !== stream)) continue;
        if (fault.kind === 'reset') return this.#breakAfter(fault.afterMs, connection, wasReset);
        if (fault.kind === 'blackhole')
          return fault.closeAfterMs > 0
            ? this.#breakAfter(fault.closeAfterMs, connection, wasClosed)
            : undefined;
        if (fault.kind === 'latency') lateMs += fault.latencyMs;
      }
      this.#arrive(stream, connection, lateMs, arrived);
    });
  }

  carryEnd(stream: Stream, connection: Breakable, arrived: () => void): void {
    this.#delay(() => this.#arrive(stream, connection, 0, arrived));
  }

  #arrive(stream: Stream, connection: Breakable, lateMs: number, arrived: () => void): void {
    const nowMs = this.clock.now();
    const last = this.#lastMs.get(connection);
    const atMs = Math.max(nowMs + lateMs, last?.[stream] ?? 0);
    if (last) last[stream] = atMs;
    if (atMs > nowMs) this.clock.after(atMs - nowMs, arrived);
    else arrived();
  }

  #breakAfter(ms: number, connection: Breakable, reason: Error): void {
    this.clock.after(ms, () => {
      if (this.#open.has(connection)) connection.lost(reason);
    });
  }

  #breakAll(): void {
    for (const connection of [...this.#open]) connection.lost(wasClosed);
  }
}
