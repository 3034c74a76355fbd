import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '#kit/clock.ts';
import { type Stall, stallSampleMs, stallSampler } from '#kit/stalls.ts';

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
export function pingBroker(
  connection: Pick<NatsConnection, 'flush'>,
  isConnected: () => boolean,
  clock: Clock,
) {
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let sentAtMs = Number.NEGATIVE_INFINITY;
  /** PING under way. `ownMs` is the delay that this process itself has caused. */
  let ping: { ownMs: number } | undefined;
  let sampledAtMs = clock.now();
  const lateMs = (nowMs: number) => Math.max(0, nowMs - sampledAtMs - stallSampleMs);

  // A stall starts at the last answer, or at most one interval before the PING: the broker may have stopped at any time
  // since.
  const stallUntil = (untilMs: number): Stall[] => {
    if (!ping || untilMs - sentAtMs - ping.ownMs - lateMs(untilMs) < silentMinMs) return [];
    const fromMs = Math.max(answeredAtMs, sentAtMs - pingEveryMs - stallSampleMs);
    // The CPU time of another process is unknown.
    return [{ process: 'broker', fromMs, untilMs, cpuMs: 0 }];
  };
  return stallSampler(clock, stallUntil, (nowMs, record) => {
    if (ping) ping.ownMs += lateMs(nowMs);
    else if (isConnected() && nowMs - sentAtMs >= pingEveryMs) {
      sentAtMs = nowMs;
      ping = { ownMs: 0 };
      const settled = () => {
        const nowMs = clock.now();
        record(nowMs);
        answeredAtMs = nowMs;
        ping = undefined;
      };
      // A rejection means that the connection broke; until then the broker was silent.
      connection.flush().then(settled, settled);
    }
    sampledAtMs = nowMs;
  });
}
