import { Abort } from '#kit/abort.ts';
import type { Delivered } from '#kit/broker/client.ts';
import { type Clock, sleep, type Timer } from '#kit/clock.ts';

/** Reason why a wait is cut short: the consumer stops, pauses or changes its configuration. */
export class Hurried extends Error {
  override readonly name = 'Hurried';
}

/** Messages in flight. Keeps the broker from redelivering them. */
export class InFlight extends Set<Delivered> {
  readonly #clock: Clock;
  #hurry = new Abort();
  #timer: Timer;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  /** Extends the ack wait of each message now and every third of `ackWaitMs`. Ends the effect of an earlier `hurry`. */
  begin(ackWaitMs: number): void {
    this.stop();
    this.#hurry = new Abort();
    this.#extendEvery(ackWaitMs / 3);
  }

  /**
   * Gives the message back for redelivery in `delayMs`. By default this process waits for that time, or until `hurry`.
   * With `by` = `server` the broker waits instead. The broker's timers fall behind above about 100 redeliveries a
   * second.
   */
  async giveBack(message: Delivered, delayMs: number, by: 'consumer' | 'server' = 'consumer'): Promise<void> {
    if (by === 'consumer') await sleep(delayMs, this.#clock, this.#hurry.signal).catch(() => undefined);
    this.delete(message);
    message.nak(by === 'server' ? Math.round(delayMs) : undefined); // `nak` needs whole nanoseconds
  }

  get hurried(): AbortSignal {
    return this.#hurry.signal;
  }

  /** Ends all current waits, and all later ones until the next `begin`. */
  hurry(): void {
    this.#hurry.abort(new Hurried());
  }

  stop(): void {
    this.#clock.cancel(this.#timer);
  }

  #extendEvery(ms: number): void {
    for (const message of this) message.working();
    this.#timer = this.#clock.after(ms, () => this.#extendEvery(ms));
  }
}
