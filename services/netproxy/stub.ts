import type { Clock } from '#kit/clock.ts';
import type { Random } from '#kit/random.ts';
import type { Channel, Chunk, Ending, Item } from './channel.ts';

/** Shortest wait with a timer, since none is more exact. */
const soonMs = 0.5;

/** A toxic's input and output on one direction of a connection. After an interrupt nothing blocks, and it reads no more. */
export class Stub {
  /** May change between writes. */
  output: Channel;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes written since the toxic was added, also with other attributes. */
  written = 0;
  /** True if the connection is about to end, too late for a change. */
  settled = false;
  interrupted = false;
  readonly #input: Channel;
  #release: (() => void) | undefined;

  constructor(input: Channel, output: Channel, clock: Clock, random: Random) {
    this.#input = input;
    this.output = output;
    this.clock = clock;
    this.random = random;
  }

  /** Reads the next bytes or the end; undefined if interrupted, or if none has come by a moment of the clock, in ms. */
  async read(byMs?: number): Promise<Item | undefined> {
    for (;;) {
      if (this.interrupted) return undefined;
      const item = this.#input.take();
      if (item !== undefined) return item;
      if (byMs !== undefined && byMs - this.clock.now() < soonMs) return undefined;
      await this.#block((go) => this.#input.whenItem(go), byMs);
    }
  }

  /** Reads until an interrupt. Forwards ends, after which a reset may follow. */
  async *chunks(): AsyncGenerator<Chunk, void, void> {
    for (let item = await this.read(); item !== undefined; item = await this.read()) {
      if ('end' in item) this.output.push(item);
      else yield item;
    }
  }

  /** Forwards bytes or the end, and waits while the output is full. */
  async write(item: Item): Promise<void> {
    const { output } = this;
    output.push(item);
    if ('data' in item) this.written += item.data.length;
    if (output.full) await this.#block((go) => output.whenRoom(go));
  }

  async until(atMs: number): Promise<void> {
    if (atMs - this.clock.now() >= soonMs) await this.#block(() => undefined, atMs);
  }

  /** Ends the connection after what was written. */
  end(end: Ending): void {
    this.output.push({ end });
  }

  interrupt(): void {
    this.interrupted = true;
    this.#release?.();
  }

  /** Waits until `go` is called, the time has come, or an interrupt. */
  async #block(subscribe: (go: () => void) => void, untilMs?: number): Promise<void> {
    if (this.interrupted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#release = resolve;
    subscribe(resolve);
    const timer = untilMs === undefined ? undefined : this.clock.after(untilMs - this.clock.now(), resolve);
    await promise;
    this.clock.cancel(timer);
  }
}
