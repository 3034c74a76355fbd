import type { Delivered, Pull } from '#kit/broker/client.ts';
import type { PullRequest, SimulatedConsumer } from './consumer.ts';
import type { Session } from './session.ts';
import type { Entry } from './stream.ts';

interface PullParts {
  readonly consumer: SimulatedConsumer;
  readonly session: Session;
  readonly delivered: (message: Entry, deliveryCount: number) => Delivered;
}

/**
 * Continuous pull over a simulated hop. Asks for messages as the client library does: once a quarter of the requested
 * messages has arrived, a request for as many new ones follows them in the queue. It is sent when they are taken.
 */
export class SimulatedPull implements Pull {
  readonly messages: AsyncIterable<Delivered> = { [Symbol.asyncIterator]: () => this.#read() };
  readonly #size: number;
  readonly #parts: PullParts;
  readonly #requests: PullRequest[] = [];
  /** Messages, and requests to send when their turn comes. */
  #queue: (Delivered | (() => void))[] = [];
  #wake: () => void = () => undefined;
  /** Messages that are requested but have not arrived. */
  #expected = 0;
  #isDraining = false;
  #end: 'open' | 'drained' | Error = 'open';

  constructor(size: number, parts: PullParts) {
    this.#size = size;
    this.#parts = parts;
    this.#request();
    parts.session.onEnd(() => parts.consumer.withdraw(this.#requests));
    parts.session.onBack(() => {
      if (this.#end !== 'open') return;
      this.#expected = 0;
      this.#request();
      this.#wake();
    });
  }

  drain(): Promise<void> {
    const { consumer, session } = this.#parts;
    this.#isDraining = true;
    return new Promise((resolve) =>
      session.send(() => {
        consumer.withdraw(this.#requests);
        session.receive(() => {
          this.close();
          resolve();
        });
      }),
    );
  }

  close(): void {
    this.#isDraining = true;
    this.#finish('drained');
  }

  #finish(end: 'drained' | Error): void {
    if (this.#end === 'open') this.#end = end;
    this.#wake();
  }

  async *#read(): AsyncGenerator<Delivered> {
    for (;;) {
      const next = this.#queue.shift();
      if (typeof next === 'function') next();
      else if (next !== undefined) yield next;
      else if (this.#end === 'drained') return;
      else if (this.#end !== 'open') throw this.#end;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #request(): void {
    const left = this.#size - this.#expected;
    this.#expected = this.#size;
    const { consumer, session } = this.#parts;
    const request: PullRequest = {
      left,
      deliver: (message, deliveryCount) => session.receive(() => this.#arrived(message, deliveryCount)),
      deleted: () => session.receive(() => this.#finish(new Error('consumer deleted'))),
    };
    this.#queue.push(() => {
      this.#requests.push(request);
      session.send(() => {
        if (!this.#isDraining) consumer.request(request);
      });
    });
  }

  #arrived(message: Entry, deliveryCount: number): void {
    this.#queue.push(this.#parts.delivered(message, deliveryCount));
    this.#expected -= 1;
    if (this.#expected <= (Math.round(this.#size * 0.75) || 1)) this.#request();
    this.#wake();
  }
}
