import type { Hop } from '#lab/testbed/simulated/hop.ts';

/** Status of a connection, as in the client library. */
type Status = 'disconnect' | 'reconnect';

/**
 * Connection of one client to a simulated broker. Like the client library, holds everything that the client sends while
 * it is disconnected, and sends it after the reconnect.
 */
export class Line {
  readonly #hop: Hop;
  readonly #held: (() => void)[] = [];
  readonly #readers: { queue: Status[]; wake: () => void }[] = [];
  readonly #onBack: (() => void)[] = [];
  #isUp = true;

  constructor(hop: Hop) {
    this.#hop = hop;
  }

  /** Runs `act` at the broker. */
  send(act: () => void): void {
    if (this.#isUp) this.#hop(() => this.#isUp && act());
    else this.#held.push(act);
  }

  /** Runs `act` at the client. Drops it if the client has disconnected. */
  receive(act: () => void): void {
    this.#hop(() => this.#isUp && act());
  }

  lost(): void {
    this.#isUp = false;
    this.#report('disconnect');
  }

  back(): void {
    this.#isUp = true;
    this.#report('reconnect');
    for (const resume of this.#onBack) resume();
    for (const act of this.#held.splice(0)) this.send(act);
  }

  /** Calls `resume` after each reconnect. */
  onBack(resume: () => void): void {
    this.#onBack.push(resume);
  }

  async *statuses(): AsyncGenerator<{ readonly type: Status }> {
    const reader: { queue: Status[]; wake: () => void } = { queue: [], wake: () => undefined };
    this.#readers.push(reader);
    for (;;) {
      const type = reader.queue.shift();
      if (type) yield { type };
      else
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
        });
    }
  }

  #report(status: Status): void {
    for (const reader of this.#readers) {
      reader.queue.push(status);
      reader.wake();
    }
  }
}
