import type { JsMsg } from '@nats-io/jetstream';
import { type Clock, sleep, type Timer } from '#kit/clock.ts';

/** The deliveries this process answers for: keeps the broker from redelivering what is still worked on. */
export class Held {
  readonly #clock: Clock;
  readonly #messages = new Set<JsMsg>();
  readonly #hurry = new AbortController();
  readonly #everyMs: number;
  #timer: Timer;

  /** Each held message gives a sign of life every third of `ackWaitMs`. */
  constructor(ackWaitMs: number, clock: Clock) {
    this.#clock = clock;
    this.#everyMs = ackWaitMs / 3;
    this.#timer = clock.after(this.#everyMs, () => this.#signOfLife());
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
   * Gives the message back for redelivery `delayMs` from now, or at once after `hurry`. The wait is ours: a delay asked
   * of the server starves its timers above about 100 a second.
   */
  async giveBack(message: JsMsg, delayMs: number): Promise<void> {
    await sleep(delayMs, this.#clock, this.#hurry.signal).catch(() => undefined);
    this.#messages.delete(message);
    message.nak();
  }

  /** Ends all waits, and those to come. */
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
