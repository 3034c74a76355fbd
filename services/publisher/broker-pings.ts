import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '#kit/clock.ts';
import { type Stall, StallSampler, stallSampleMs } from '#kit/stalls.ts';

/** A PING each 60 ms takes about 0.3 % of a core. */
const pingEveryMs = 50;
/** A process whose turns take 40 ms reads an answer up to 80 ms late, of which its ticks account for 40 ms. */
const silentMinMs = 50;

/**
 * Sends the broker a PING about every 60 ms, and records its stalls: it leaves one unanswered though this process ran its
 * timers in time. A broker that stands still for 110 ms is always seen.
 */
export class BrokerPings extends StallSampler {
  readonly #connection: Pick<NatsConnection, 'flush'>;
  readonly #isConnected: () => boolean;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  /** PING under way, with the time for which this process has delayed it itself. */
  #ping: { ownMs: number } | undefined;
  #sampledAtMs: number;

  constructor(connection: Pick<NatsConnection, 'flush'>, isConnected: () => boolean, clock: Clock) {
    super(clock);
    this.#connection = connection;
    this.#isConnected = isConnected;
    this.#sampledAtMs = clock.now();
  }

  protected sample(nowMs: number): void {
    if (this.#ping) this.#ping.ownMs += this.#lateMs(nowMs);
    else if (this.#isConnected() && nowMs - this.#sentAtMs >= pingEveryMs) this.#send(nowMs);
    this.#sampledAtMs = nowMs;
  }

  #send(nowMs: number): void {
    this.#sentAtMs = nowMs;
    this.#ping = { ownMs: 0 };
    const settled = () => {
      const nowMs = this.clock.now();
      this.record(this.stallUntil(nowMs));
      this.#answeredAtMs = nowMs;
      this.#ping = undefined;
    };
    // Rejected when the connection breaks: until then the broker was silent.
    this.#connection.flush().then(settled, settled);
  }

  #lateMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#sampledAtMs - stallSampleMs);
  }

  /** From the last answer, or a PING earlier: the broker may have stopped at any moment after it. */
  protected stallUntil(untilMs: number): Stall[] {
    if (!this.#ping) return [];
    const ownMs = this.#ping.ownMs + this.#lateMs(untilMs);
    if (untilMs - this.#sentAtMs - ownMs < silentMinMs) return [];
    const fromMs = Math.max(this.#answeredAtMs, this.#sentAtMs - pingEveryMs - stallSampleMs);
    // The CPU time of another process is unknown.
    return [{ process: 'broker', fromMs, untilMs, cpuMs: 0 }];
  }
}
