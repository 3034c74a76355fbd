import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '#kit/clock.ts';
import { type Stall, StallSampler, stallSampleMs } from '#kit/stalls.ts';

/** Minimum interval between PINGs. In practice it is about 60 ms, which takes 0.3 % of a core. */
const pingEveryMs = 50;
/**
 * Shortest silence that counts as a stall. Exceeds the 40 ms that this process can add unnoticed. With event-loop turns
 * of 40 ms it reads an answer up to 80 ms late, and its timers show only 40 ms of that.
 */
const silentMinMs = 50;

/**
 * Sends a PING about every 60 ms and records the broker's stalls. In a stall a PING stays unanswered although this
 * process runs its timers on time. Detects every stall of at least 110 ms.
 */
export class BrokerPings extends StallSampler {
  readonly #connection: Pick<NatsConnection, 'flush'>;
  readonly #isConnected: () => boolean;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  /** PING under way. `ownMs` is the delay that this process itself has caused. */
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
    // A rejection means that the connection broke; until then the broker was silent.
    this.#connection.flush().then(settled, settled);
  }

  #lateMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#sampledAtMs - stallSampleMs);
  }

  /**
   * A stall starts at the last answer, or at most one interval before the PING: the broker may have stopped at any time
   * since.
   */
  protected stallUntil(untilMs: number): Stall[] {
    if (!this.#ping) return [];
    const ownMs = this.#ping.ownMs + this.#lateMs(untilMs);
    if (untilMs - this.#sentAtMs - ownMs < silentMinMs) return [];
    const fromMs = Math.max(this.#answeredAtMs, this.#sentAtMs - pingEveryMs - stallSampleMs);
    // The CPU time of another process is unknown.
    return [{ process: 'broker', fromMs, untilMs, cpuMs: 0 }];
  }
}
