import type { Clock } from '#kit/clock.ts';
import type { Random } from '#kit/random.ts';
import type { Channel, Chunk, Ending, Item } from './channel.ts';

/** Nearer than this no timer is set: none is that exact. */
const soonMs = 0.5;

/**
 * What a toxic has in its hands on one direction of one connection. Once it is interrupted nothing blocks any more, so that a
 * toxic soon lets go of what it holds, and reads nothing more.
 */
export class Stub {
  /** Looked up at each write, since what comes after may change. */
  output: Channel;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes written since the toxic has been there, whatever its attributes were. */
  written = 0;
  /** Whether a change comes too late, since the connection is about to end. */
  settled = false;
  readonly #input: Channel;
  #interrupted = false;
  #release: (() => void) | undefined;

  constructor(input: Channel, output: Channel, clock: Clock, random: Random) {
    this.#input = input;
    this.output = output;
    this.clock = clock;
    this.random = random;
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** The next bytes or the end; nothing when interrupted, or when there is nothing by a moment of the clock, in ms. */
  async read(byMs?: number): Promise<Item | undefined> {
    for (;;) {
      if (this.#interrupted) return undefined;
      const item = this.#input.take();
      if (item !== undefined) return item;
      if (byMs !== undefined && byMs - this.clock.now() < soonMs) return undefined;
      await this.#block((go) => this.#input.whenItem(go), byMs);
    }
  }

  /** What comes in, until an interrupt; ends are passed on, since who has ended may still reset. */
  async *chunks(): AsyncGenerator<Chunk, void, void> {
    for (let item = await this.read(); item !== undefined; item = await this.read()) {
      if ('end' in item) this.output.push(item);
      else yield item;
    }
  }

  /** Passes on bytes, or the end, and waits while there is too much ahead. */
  async write(item: Item): Promise<void> {
    const { output } = this;
    output.push(item);
    if ('data' in item) this.written += item.data.length;
    if (output.full) await this.#block((go) => output.whenRoom(go));
  }

  /** Waits for a moment of the clock, in ms. */
  async until(atMs: number): Promise<void> {
    if (atMs - this.clock.now() >= soonMs) await this.#block(() => undefined, atMs);
  }

  /** Ends the connection after what was written. */
  end(end: Ending): void {
    this.output.push({ end });
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#release?.();
  }

  /** Takes up the work again after an interrupt. */
  resume(): void {
    this.#interrupted = false;
  }

  /** Until somebody calls `go`, the time has come, or an interrupt. */
  async #block(subscribe: (go: () => void) => void, untilMs?: number): Promise<void> {
    if (this.#interrupted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#release = resolve;
    subscribe(resolve);
    const timer = untilMs === undefined ? undefined : this.clock.after(untilMs - this.clock.now(), resolve);
    await promise;
    this.clock.cancel(timer);
  }
}
