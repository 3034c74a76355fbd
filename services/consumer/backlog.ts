import type { NatsConnection } from '@nats-io/transport-node';
import { type Backlog, readBacklog } from '#kit/broker.ts';
import type { Metrics } from '#kit/metrics.ts';

const gauges = {
  spillway_stream_messages: 'messages',
  spillway_stream_pending: 'pending',
  spillway_stream_ack_pending: 'ackPending',
  spillway_stream_redelivered: 'redelivered',
  spillway_dead_letter_messages: 'deadLetters',
} as const satisfies Record<string, keyof Backlog>;

/** Exports what the broker holds; it is asked once per scrape, and while it does not answer the gauges are NaN. */
export function exportBacklog(metrics: Metrics, broker: NatsConnection): void {
  let asked: Promise<Backlog | undefined> | undefined;
  const ask = () => {
    asked ??= readBacklog(broker)
      .catch(() => undefined)
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  for (const [name, field] of Object.entries(gauges)) {
    metrics.gauge(name as keyof typeof gauges, async function () {
      this.set((await ask())?.[field] ?? Number.NaN);
    });
  }
}
