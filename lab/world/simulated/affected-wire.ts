import type { NetworkFaultOptions } from '#netproxy/faults/config.ts';
import type { Stream } from '#netproxy/toxics.ts';
import { type Breakable, Wire, wasClosed, wasReset } from './hop.ts';

/** Way to a server over a hop with faults. They act on whole messages, and the end of a connection is no message. */
export class AffectedWire extends Wire {
  readonly #faults = new Map<string, NetworkFaultOptions>();
  readonly #open = new Set<Breakable>();
  /** Times at which the last messages of a connection arrive, since messages keep their order. */
  readonly #lastMs = new WeakMap<Breakable, Record<Stream, number>>();

  override get isListening(): boolean {
    return super.isListening && this.#faults.values().every(({ kind }) => kind !== 'down');
  }

  override opened(connection: Breakable): void {
    this.#open.add(connection);
    this.#lastMs.set(connection, { upstream: 0, downstream: 0 });
    for (const [name, fault] of this.#faults) this.#closeBy(name, fault, connection);
  }

  override closed(connection: Breakable): void {
    this.#open.delete(connection);
  }

  begin(name: string, fault: NetworkFaultOptions): void {
    this.#faults.set(name, fault);
    if (fault.kind === 'down') this.#breakAll();
    for (const connection of this.#open) this.#closeBy(name, fault, connection);
  }

  end(name: string): void {
    const fault = this.#faults.get(name);
    this.#faults.delete(name);
    if (fault?.kind === 'blackhole') this.#breakAll();
  }

  override carry(stream: Stream, connection: Breakable, arrived: () => void): void {
    this.delay(() => {
      let lateMs = 0;
      for (const [name, fault] of this.#faults) {
        if (fault.kind === 'down' || (fault.stream !== 'both' && fault.stream !== stream)) continue;
        if (fault.kind === 'blackhole') return;
        if (fault.kind === 'reset')
          return this.#breakAfter(fault.afterMs, name, connection, wasReset, arrived);
        if (fault.kind === 'latency') lateMs += fault.latencyMs;
      }
      this.#arrive(stream, connection, lateMs, arrived);
    });
  }

  override carryEnd(stream: Stream, connection: Breakable, arrived: () => void): void {
    this.delay(() => this.#arrive(stream, connection, 0, arrived));
  }

  #arrive(stream: Stream, connection: Breakable, lateMs: number, arrived: () => void): void {
    const nowMs = this.clock.now();
    const last = this.#lastMs.get(connection);
    const atMs = Math.max(nowMs + lateMs, last?.[stream] ?? 0);
    if (last) last[stream] = atMs;
    if (atMs > nowMs) this.clock.after(atMs - nowMs, arrived);
    else arrived();
  }

  /** Closes a connection some time after a blackhole has met it. */
  #closeBy(name: string, fault: NetworkFaultOptions, connection: Breakable): void {
    if (fault.kind === 'blackhole' && fault.closeAfterMs > 0)
      this.#breakAfter(fault.closeAfterMs, name, connection, wasClosed);
  }

  /** Breaks a connection after a time, unless it has ended by then. Calls `instead` if the fault has. */
  #breakAfter(ms: number, name: string, connection: Breakable, reason: Error, instead?: () => void): void {
    const fault = this.#faults.get(name);
    this.clock.after(ms, () => {
      if (!this.#open.has(connection)) return;
      if (this.#faults.get(name) === fault) connection.lost(reason);
      else instead?.();
    });
  }

  #breakAll(): void {
    for (const connection of [...this.#open]) connection.lost(wasClosed);
  }
}
