import type { ConsumerConfig } from '@nats-io/jetstream';
import { nsPerMs } from '#kit/broker/broker.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Entry, SimulatedStream } from './stream.ts';

export interface PullRequest {
  /** Number of messages that the broker may still send. */
  left: number;
  readonly deliver: (message: Entry, deliveryCount: number) => void;
  /** Called when the consumer or its stream is deleted. */
  readonly deleted: () => void;
}

interface Pending {
  /** Time after which the message is delivered again. */
  againAtMs: number;
  deliveries: number;
  isQueued: boolean;
}

/**
 * Time after which nats-server 2.10 looks for due messages when one is given back with a delay. Each such message starts
 * this time again, so above 100 a second no message becomes due.
 */
const delayedNakMs = 10;

/**
 * Pull consumer of a simulated broker: ack wait, limit of unacknowledged messages, and delivery count. Messages that
 * are delivered again come before new ones. An acknowledged message leaves the stream, as in a work queue.
 */
export class SimulatedConsumer {
  options: Partial<ConsumerConfig>;
  readonly #stream: SimulatedStream;
  #clock: Clock;
  /** Delivered messages without acknowledgement, by sequence. */
  readonly #pending = new Map<number, Pending>();
  /** Sequences to deliver again, in this order. */
  readonly #again: number[] = [];
  #requests: PullRequest[] = [];
  #isDeleted = false;
  #deliveries = 0;
  #lastDelivered = 0;
  #timer: Timer;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(options: Partial<ConsumerConfig>, stream: SimulatedStream, clock: Clock) {
    this.options = options;
    this.#stream = stream;
    this.#clock = clock;
    this.#lastDelivered = stream.firstSequence - 1;
  }

  get info() {
    const stream_seq = this.#pending.size > 0 ? Math.min(...this.#pending.keys()) - 1 : this.#lastDelivered;
    return {
      delivered: { consumer_seq: this.#deliveries, stream_seq: this.#lastDelivered },
      ack_floor: { consumer_seq: 0, stream_seq },
      num_ack_pending: this.#pending.size,
      num_redelivered: [...this.#pending.values()].filter(({ deliveries }) => deliveries > 1).length,
      num_pending: this.#undelivered(),
    };
  }

  request(request: PullRequest): void {
    if (this.#isDeleted) request.deleted();
    else {
      this.#requests.push(request);
      this.deliver();
    }
  }

  /** Withdraws requests whose client pulls no more. */
  withdraw(requests: readonly PullRequest[]): void {
    this.#requests = this.#requests.filter((each) => !requests.includes(each));
  }

  /** Delivers as many messages as the requests allow. Requests take turns. */
  deliver(): void {
    while (this.#requests.length > 0) {
      const message = this.#nextAgain() ?? this.#nextNew();
      if (!message) return;
      const request = this.#requests.shift()!;
      request.left -= 1;
      if (request.left > 0) this.#requests.push(request);
      this.#deliveries += 1;
      const pending = this.#pending.get(message.seq) ?? { againAtMs: 0, deliveries: 0, isQueued: false };
      pending.deliveries += 1;
      pending.isQueued = false;
      this.#pending.set(message.seq, pending);
      this.#wait(pending, this.#ackWaitMs);
      request.deliver(message, pending.deliveries);
    }
  }

  ack(seq: number): void {
    if (!this.#pending.delete(seq)) return;
    this.#stream.delete(seq);
    this.deliver();
  }

  /** Delivers a message again, at once or after a delay. */
  nak(seq: number, delayMs?: number): void {
    const pending = this.#pending.get(seq);
    if (!pending) return;
    if (delayMs === undefined) {
      this.#queue(seq, pending);
      this.deliver();
    } else {
      pending.againAtMs = this.#clock.now() + delayMs;
      this.#startTimer(this.#clock.now() + delayedNakMs);
    }
  }

  /** Starts the ack wait of a message again. */
  working(seq: number): void {
    const pending = this.#pending.get(seq);
    if (pending) this.#wait(pending, this.#ackWaitMs);
  }

  /** Ends all requests, since the consumer or its stream was deleted. */
  delete(): void {
    this.#isDeleted = true;
    this.#clock.cancel(this.#timer);
    for (const request of this.#requests.splice(0)) request.deleted();
  }

  /** Continues in a new process, on its clock. The requests end with the connections of the clients. */
  restart(clock: Clock): void {
    this.#clock = clock;
    this.#requests = [];
    this.#expire();
  }

  get #ackWaitMs(): number {
    return Math.floor((this.options.ack_wait ?? 30_000 * nsPerMs) / nsPerMs);
  }

  #undelivered(): number {
    let count = 0;
    for (let seq = this.#lastDelivered + 1; seq <= this.#stream.lastSequence; seq++)
      if (this.#stream.get(seq)) count += 1;
    return count;
  }

  #nextAgain(): Entry | undefined {
    for (let seq = this.#again.shift(); seq !== undefined; seq = this.#again.shift()) {
      const message = this.#pending.get(seq)?.isQueued ? this.#stream.get(seq) : undefined;
      if (message) return message;
      this.#pending.delete(seq); // acknowledged or deleted meanwhile
    }
    return undefined;
  }

  #nextNew(): Entry | undefined {
    if (this.#pending.size >= (this.options.max_ack_pending ?? Number.POSITIVE_INFINITY)) return undefined;
    const message = this.#stream.from(this.#lastDelivered + 1);
    if (message) this.#lastDelivered = message.seq;
    return message;
  }

  #queue(seq: number, pending: Pending): void {
    pending.againAtMs = Number.POSITIVE_INFINITY;
    if (pending.isQueued) return;
    pending.isQueued = true;
    this.#again.push(seq);
  }

  #wait(pending: Pending, ms: number): void {
    pending.againAtMs = this.#clock.now() + ms;
    if (pending.againAtMs < this.#timerAtMs) this.#startTimer(pending.againAtMs);
  }

  #startTimer(atMs: number): void {
    this.#clock.cancel(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = this.#clock.after(atMs - this.#clock.now(), () => this.#expire());
  }

  /** Queues the messages whose wait is over, and waits for the next. */
  #expire(): void {
    const nowMs = this.#clock.now();
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const [seq, pending] of this.#pending) {
      if (pending.againAtMs <= nowMs) this.#queue(seq, pending);
      else nextAtMs = Math.min(nextAtMs, pending.againAtMs);
    }
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (nextAtMs < Number.POSITIVE_INFINITY) this.#startTimer(nextAtMs);
    this.deliver();
  }
}
