import type { NatsConnection } from '@nats-io/transport-node';
import { type Backlog, readBacklog } from '#kit/broker/backlog.ts';
import type { Metrics } from '#kit/metrics.ts';

const gauges = {
  spillway_stream_messages: ({ messages }: Backlog) => messages,
  spillway_stream_limit: ({ messagesMax }: Backlog) => messagesMax,
  spillway_stream_oldest_age_seconds: ({ oldestAgeMs }: Backlog) => oldestAgeMs / 1000,
  spillway_stream_pending: ({ pending }: Backlog) => pending,
  spillway_stream_ack_pending: ({ ackPending }: Backlog) => ackPending,
  spillway_stream_redelivered: ({ redelivered }: Backlog) => redelivered,
  spillway_dead_letter_messages: ({ deadLetters }: Backlog) => deadLetters,
  spillway_dead_letter_oldest_age_seconds: (backlog: Backlog) => backlog.oldestDeadLetterAgeMs / 1000,
};

/** Half of Prometheus' timeout. */
const patienceMs = 500;

/** Exports the broker's backlog. Asks once per scrape; without an answer the gauges are NaN. */
export function exportBacklog(metrics: Metrics, broker: NatsConnection): void {
  let asked: Promise<Backlog | undefined> | undefined;
  const ask = () => {
    asked ??= readBacklog(broker, patienceMs)
      .catch(() => undefined)
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  for (const [name, read] of Object.entries(gauges)) {
    metrics.gauge(name as keyof typeof gauges, async () => {
      const backlog = await ask();
      return backlog ? read(backlog) : Number.NaN;
    });
  }
}
