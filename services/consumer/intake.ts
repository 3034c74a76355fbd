import { Abort } from '#kit/abort.ts';
import { ensureConsumer } from '#kit/broker/broker.ts';
import type { Broker, Delivered, Pull } from '#kit/broker/client.ts';
import { type Clock, deadline, sleep } from '#kit/clock.ts';
import type { ConsumerConfig } from './config.ts';
import type { HandlerSlots } from './slots.ts';

const pauseMs = 100;
const drainMs = 2000;

/** Handles a message; must not reject. */
export type Handle = (message: Delivered) => Promise<void>;

/**
 * Limit of the default prefetch. It is small, since the ack wait of buffered messages is running. Each of them also
 * uses up a delivery if this process stops.
 */
const prefetchUsual = 64;

type Ahead = Pick<ConsumerConfig, 'concurrency' | 'prefetch'>;

interface IntakeParts {
  readonly handlerSlots: HandlerSlots;
  readonly handle: Handle;
  /** Receives the error when pulling fails, and undefined when it works again. */
  readonly report: (error: unknown) => void;
  /** Receives messages that got no slot before the stop. */
  readonly giveBack: (message: Delivered) => void;
  readonly clock: Clock;
}

/** Pulls messages and hands each to a handler while fewer than `concurrency` slots are in use. */
export class Intake {
  readonly #ahead: Ahead;
  readonly #parts: IntakeParts;
  readonly #stopping = new Abort();
  /** Messages that got no slot before the stop. */
  readonly #returned: Delivered[] = [];
  #pull: Pull | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(ahead: Ahead, parts: IntakeParts) {
    this.#ahead = ahead;
    this.#parts = parts;
  }

  /** Starts pulling. Creates the stream's consumer again, with `ackWaitMs`, if it was deleted. */
  start(broker: Broker, ackWaitMs: number): void {
    this.#loop = this.#takeAll(broker, ackWaitMs);
  }

  /** Stops pulling and gives back buffered messages; running handlers go on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#parts.handlerSlots.wake();
    await this.#endPull();
    await this.#loop;
    // Done after the pull has ended, since the pull would receive these messages again.
    for (const message of this.#returned) this.#parts.giveBack(message);
  }

  async #takeAll(broker: Broker, ackWaitMs: number): Promise<void> {
    const { concurrency, prefetch = Math.min(concurrency, prefetchUsual) } = this.#ahead;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await ensureConsumer(broker, ackWaitMs);
        const pull = await broker.pull(prefetch);
        this.#pull = pull;
        if (signal.aborted) await this.#endPull();
        this.#parts.report(undefined);
        for await (const message of pull.messages) await this.#take(message);
      } catch (error) {
        this.#parts.report(error);
        await sleep(pauseMs, this.#parts.clock, signal).catch(() => undefined);
      }
    }
  }

  /** Drains the pull. Closes it if it has ended, or after a time limit, since a silent broker never ends the drain. */
  async #endPull(): Promise<void> {
    const pull = this.#pull;
    if (!pull) return;
    await deadline(pull.drain(), drainMs, this.#parts.clock).catch(() => pull.close());
  }

  /** Hands a message to a handler once a slot is free. */
  async #take(message: Delivered): Promise<void> {
    const { handle, handlerSlots } = this.#parts;
    const isTaken = await handlerSlots.take(this.#ahead.concurrency, this.#stopping.signal);
    if (isTaken) void handle(message).then(() => handlerSlots.release());
    else this.#returned.push(message);
  }
}
