import { type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { ensureConsumer, names } from '#kit/broker/broker.ts';
import { type Clock, deadline, sleep } from '#kit/clock.ts';
import type { ConsumerConfig } from './config.ts';
import type { Places } from './places.ts';

const expiresMs = 1000;
const pauseMs = 100;
const drainMs = 2000;

/**
 * Answers for a message; must not reject. `uncounted` says that it may have been delivered more often than the broker
 * knows, by a consumer that was deleted.
 */
export type Handle = (message: JsMsg, uncounted: boolean) => Promise<void>;

/** Small, since what is buffered waits while its ack wait runs, and has used up a delivery when we stop. */
const prefetchUsual = 64;

type Ahead = Pick<ConsumerConfig, 'concurrency' | 'prefetch'>;

/** Pulls messages and hands each to a handler while fewer than `concurrency` places are taken. */
export class Intake {
  readonly #concurrency: number;
  readonly #prefetch: number;
  readonly #places: Places;
  readonly #handle: Handle;
  readonly #report: (error: unknown) => void;
  readonly #giveBack: (message: JsMsg) => void;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  /** What came too late. */
  readonly #returned: JsMsg[] = [];
  #messages: ConsumerMessages | undefined;
  #loop: Promise<void> = Promise.resolve();

  /** `report` hears why pulling failed, and undefined once it goes on; `giveBack` takes what came too late. */
  constructor(
    { concurrency, prefetch = Math.min(concurrency, prefetchUsual) }: Ahead,
    places: Places,
    handle: Handle,
    report: (error: unknown) => void,
    giveBack: (message: JsMsg) => void,
    clock: Clock,
  ) {
    this.#concurrency = concurrency;
    this.#prefetch = prefetch;
    this.#places = places;
    this.#handle = handle;
    this.#report = report;
    this.#giveBack = giveBack;
    this.#clock = clock;
  }

  /** `ackWaitMs` is for the stream's consumer, which is made anew where somebody has deleted it. */
  start(connection: NatsConnection, ackWaitMs: number): void {
    this.#loop = this.#pull(connection, ackWaitMs);
  }

  /** Stops pulling and gives back what is buffered; the handlers that run go on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#places.wake();
    await this.#endPull();
    await this.#loop;
    // Not before the pull has ended, which would be given them again.
    for (const message of this.#returned) this.#giveBack(message);
  }

  async #pull(connection: NatsConnection, ackWaitMs: number): Promise<void> {
    const { consumers } = jetstream(connection, { timeout: expiresMs });
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await ensureConsumer(connection, ackWaitMs);
        const consumer = await consumers.get(names.stream, names.consumer);
        const madeAtMs = Date.parse((await consumer.info(true)).created);
        // One pull that goes on: between two of them handlers would have nothing to do.
        this.#messages = await consumer.consume({
          max_messages: this.#prefetch,
          expires: expiresMs,
          abort_on_missing_resource: true,
        });
        if (signal.aborted) await this.#endPull();
        this.#report(undefined);
        for await (const message of this.#messages)
          await this.#take(message, message.time.getTime() <= madeAtMs);
      } catch (error) {
        this.#report(error);
        await sleep(pauseMs, this.#clock, signal).catch(() => undefined);
      }
    }
  }

  /**
   * To close() it at once would lose what the broker is sending at the time, until its ack wait ends: drained, it comes
   * in first. A broker that is mute does not end the draining.
   */
  async #endPull(): Promise<void> {
    const messages = this.#messages;
    if (!messages) return;
    const { sub } = messages as unknown as { sub: Subscription };
    await deadline(sub.drain(), drainMs, this.#clock).catch(() => messages.close()); // or it has ended already
  }

  /** Comes back when there may be a place for the next one. */
  async #take(message: JsMsg, uncounted: boolean): Promise<void> {
    const { signal } = this.#stopping;
    // A handler that was woken at the same time may have taken the place.
    do await this.#places.fewerThan(this.#concurrency, signal);
    while (this.#places.isFull(this.#concurrency) && !signal.aborted);
    if (signal.aborted) this.#returned.push(message);
    else void this.#places.take(() => this.#handle(message, uncounted));
  }
}
