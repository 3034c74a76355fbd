import type { Clock } from '#kit/clock.ts';
import type { Random } from '#kit/random.ts';

interface Chunk {
  readonly data: Uint8Array;
  readonly atMs: number;
}

/** End of a stream. `half` leaves the other direction open. `close` and `reset` end the connection. */
export type Ending = 'half' | 'close' | 'reset';

export type Item = Chunk | { readonly end: Ending };

/** Queue with one writer and one reader. `push` adds items even to a full queue, so the writer has to check `full`. */
export class Channel {
  readonly #bytesMax: number;
  #items: Item[] = [];
  #bytes = 0;
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get full(): boolean {
    return this.#bytes >= this.#bytesMax;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#bytes += sizeOf(item);
    const go = this.#reader;
    this.#reader = undefined;
    go?.();
  }

  take(): Item | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    this.#bytes -= sizeOf(item);
    if (this.full) return item;
    const go = this.#writer;
    this.#writer = undefined;
    go?.();
    return item;
  }

  /** Calls `go` once, when an item arrives. Replaces an earlier callback. */
  whenItem(go: () => void): void {
    this.#reader = go;
  }

  /** Calls `go` once, when the queue is no longer full. Replaces an earlier callback. */
  whenRoom(go: () => void): void {
    this.#writer = go;
  }
}

const sizeOf = (item: Item): number => ('data' in item ? item.data.length : 0);

/** Shortest wait that uses a timer. Timers round to whole ms, so a shorter wait is skipped. */
const soonMs = 0.5;

/**
 * Input and output of a toxic in one direction of a connection. After an interrupt, calls no longer wait, and reads
 * return undefined.
 */
export class Stub {
  /**
   * Channel to the toxic after this one, or to the destination. It is replaced when a toxic behind this one is added or
   * removed, even between two writes.
   */
  output: Channel;
  readonly clock: Clock;
  readonly random: Random;
  interrupted = false;
  readonly input: Channel;
  #release: (() => void) | undefined;

  constructor(input: Channel, output: Channel, clock: Clock, random: Random) {
    this.input = input;
    this.output = output;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Reads the next bytes or the end. Returns undefined if it is interrupted, or if no item has arrived by `byMs` on the
   * clock.
   */
  async read(byMs?: number): Promise<Item | undefined> {
    for (;;) {
      if (this.interrupted) return undefined;
      const item = this.input.take();
      if (item !== undefined) return item;
      if (byMs !== undefined && byMs - this.clock.now() < soonMs) return undefined;
      await this.#block((go) => this.input.whenItem(go), byMs);
    }
  }

  /** Yields chunks until an interrupt. Forwards an end itself, and then goes on reading, since a reset may follow. */
  async *chunks(): AsyncGenerator<Chunk, void, void> {
    for (let item = await this.read(); item !== undefined; item = await this.read()) {
      if ('end' in item) this.output.push(item);
      else yield item;
    }
  }

  /** Writes bytes or an end to the output. If the output is full, waits until it has room. */
  async write(item: Item): Promise<void> {
    const { output } = this;
    output.push(item);
    if (output.full) await this.#block((go) => output.whenRoom(go));
  }

  async until(atMs: number): Promise<void> {
    if (atMs - this.clock.now() >= soonMs) await this.#block(() => undefined, atMs);
  }

  end(end: Ending): void {
    this.output.push({ end });
  }

  interrupt(): void {
    this.interrupted = true;
    this.#release?.();
  }

  /** Waits until `go` is called, until the time `untilMs`, or until an interrupt. */
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
