import { type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker.ts';

const expiresMs = 1000;

/** Pulls messages and hands them to at most `concurrency` handlers at a time. */
export class Intake {
  readonly #concurrency: number;
  readonly #handle: (message: JsMsg) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #active = 0;
  #wake: () => void = () => undefined;
  #messages: ConsumerMessages | undefined;
  #loop: Promise<void> = Promise.resolve();
  #stopping = false;

  /** `failed` hears of what ends the pulling by itself; `handle` must not reject. */
  constructor(
    concurrency: number,
    handle: (message: JsMsg) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#concurrency = concurrency;
    this.#handle = handle;
    this.#failed = failed;
  }

  async start(connection: NatsConnection): Promise<void> {
    const consumer = await jetstream(connection).consumers.get(names.stream, names.consumer);
    // A small buffer, since what lies in it waits while its ack wait runs and counts a delivery when we stop.
    const max_messages = Math.max(4, Math.min(this.#concurrency, 64));
    this.#messages = await consumer.consume({ max_messages, expires: expiresMs });
    this.#loop = this.#consume(this.#messages).catch(this.#failed);
  }

  /** Stops pulling, gives back what is buffered, and waits for the handlers that run. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#messages?.close();
    await this.#loop;
    while (this.#active > 0) await this.#turn();
  }

  async #consume(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      while (this.#active >= this.#concurrency && !this.#stopping) await this.#turn();
      if (this.#stopping) message.nak();
      else void this.#run(message);
    }
  }

  async #run(message: JsMsg): Promise<void> {
    this.#active += 1;
    await this.#handle(message);
    this.#active -= 1;
    this.#wake();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
