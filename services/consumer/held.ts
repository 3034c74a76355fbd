import type { JsMsg } from '@nats-io/jetstream';
import { type Clock, sleep, type Timer } from '#kit/clock.ts';

/** The deliveries this process answers for: keeps the broker from redelivering what is still worked on. */
export class Held {
  readonly #clock: Clock;
  readonly #messages = new Set<JsMsg>();
  #hurry = new AbortController();
  #everyMs = 0;
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Each held message gives a sign of life now and every third of `ackWaitMs`; an earlier `hurry` is over. */
  begin(ackWaitMs: number): void {
    this.stop();
    this.#hurry = new AbortController();
    this.#everyMs = ackWaitMs / 3;
    this.#signOfLife();
  }

  get size(): number {
    return this.#messages.size;
  }

  add(message: JsMsg): void {
    this.#messages.add(message);
  }

  /** The message was acknowledged. */
  delete(message: JsMsg): void {
    this.#messages.delete(message);
  }

  /**
   * Gives the message back for redelivery `delayMs` from now. The wait is ours, and ends at `hurry`, unless it is asked of
   * the server, which then answers for the message: above about 100 a second that starves its timers.
   */
  async giveBack(message: JsMsg, delayMs: number, by: 'consumer' | 'server' = 'consumer'): Promise<void> {
    if (by === 'consumer') await sleep(delayMs, this.#clock, this.#hurry.signal).catch(() => undefined);
    this.#messages.delete(message);
    message.nak(by === 'server' ? Math.round(delayMs) : undefined); // it takes whole ns only
  }

  /** Aborts at `hurry`; a new one after each `begin`. */
  get hurried(): AbortSignal {
    return this.#hurry.signal;
  }

  /** Ends all waits, and those to come until the next `begin`. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** No more signs of life. */
  stop(): void {
    this.#clock.cancel(this.#timer);
  }

  #signOfLife(): void {
    for (const message of this.#messages) message.working();
    this.#timer = this.#clock.after(this.#everyMs, () => this.#signOfLife());
  }
}
