import type { ConsumerConfig } from '@nats-io/jetstream';
import type { StoreOptions } from '#kit/broker/client.ts';
import type { Clock } from '#kit/clock.ts';
import type { Delay } from '#lab/world/simulated/hop.ts';
import type { Machine, Party } from '#lab/world/simulated/process.ts';
import { SimulatedConsumer } from './consumer.ts';
import { Session, type Way } from './session.ts';
import { apiError, SimulatedStream, type StreamOptions } from './stream.ts';

/** Mean time until a client notices that the broker is back: half of its interval between tries. */
const reconnectMs = 60;

/** Model of a nats-server with JetStream: streams, the consumer of each work queue, and subjects without a stream. */
export class SimulatedBroker {
  /** Process of the broker. After its end, the ended process until `restart`. */
  #machine!: Machine;
  readonly #streams = new Map<string, SimulatedStream>();
  /** Consumers by stream, since a work queue has at most one. */
  readonly #consumers = new Map<string, SimulatedConsumer>();
  readonly #listeners = new Map<string, Set<(text: string) => void>>();
  readonly #sessions: Session[] = [];

  /** Identifies the process of the broker. */
  get id(): string {
    return String(this.#machine.startedAtMs);
  }

  /**
   * Starts a process. Streams and consumers keep their state, since the operating system has what the ended process
   * wrote. Clients reconnect later.
   */
  restart(machine: Machine): void {
    this.#machine = machine;
    for (const consumer of this.#consumers.values()) consumer.restart(machine.clock);
    for (const session of this.#sessions)
      machine.clock.after(reconnectMs, () => session.restarted(machine.party));
  }

  /** Connects a client, over a hop without a proxy unless `wayOf` is given. */
  connect(client: Party, hop: Delay, wayOf?: (session: Session) => Way): Session {
    const direct = () => ({ toServer: hop, toClient: hop });
    const session = new Session(client, wayOf ? undefined : this.#machine.party, wayOf ?? direct);
    this.#sessions.push(session);
    return session;
  }

  get #clock(): Clock {
    return this.#machine.clock;
  }

  publish(subject: string, text: string): void {
    for (const listener of this.#listeners.get(subject) ?? []) listener(text);
  }

  /** Calls the listener with each text on a subject until the returned function is called. */
  subscribe(subject: string, listener: (text: string) => void): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  store(subject: string, payload: string | Uint8Array, options: Omit<StoreOptions, 'timeout'>) {
    const stream = [...this.#streams.values()].find((each) => each.takes(subject));
    if (!stream) throw apiError('streamMissing');
    const stored = stream.store(subject, payload, options);
    this.#consumers.get(stream.options.name)?.deliver();
    return stored;
  }

  addStream(options: StreamOptions): void {
    const existing = this.#streams.get(options.name);
    if (!existing) this.#streams.set(options.name, new SimulatedStream(options, () => this.#clock));
    else if (existing.options.max_msgs !== options.max_msgs) throw apiError('nameInUse');
  }

  /** Throws JetStreamApiError if the stream doesn't exist. */
  stream(name: string): SimulatedStream {
    const stream = this.#streams.get(name);
    if (!stream) throw apiError('streamMissing');
    return stream;
  }

  deleteStream(name: string): boolean {
    this.stream(name);
    this.#consumers.get(name)?.delete();
    this.#consumers.delete(name);
    return this.#streams.delete(name);
  }

  addConsumer(name: string, options: Partial<ConsumerConfig>): void {
    const existing = this.#consumers.get(name);
    if (!existing) this.#consumers.set(name, new SimulatedConsumer(options, this.stream(name), this.#clock));
    else if (existing.options.ack_wait !== options.ack_wait) throw apiError('consumerExists');
  }

  findConsumer(stream: string): SimulatedConsumer | undefined {
    return this.#consumers.get(stream);
  }

  /** Throws JetStreamApiError if the consumer doesn't exist. */
  consumer(stream: string): SimulatedConsumer {
    const consumer = this.findConsumer(stream);
    if (!consumer) throw apiError(this.#streams.has(stream) ? 'consumerMissing' : 'streamMissing');
    return consumer;
  }

  deleteConsumer(stream: string): boolean {
    this.consumer(stream).delete();
    return this.#consumers.delete(stream);
  }
}
