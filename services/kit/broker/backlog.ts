import type { StreamInfo } from '@nats-io/jetstream';
import type { Broker } from './client.ts';
import { names } from './names.ts';

/** Reads the state of both streams and the consumer. Rejects if the broker doesn't answer within `timeoutMs`. */
export async function readBacklog(broker: Pick<Broker, 'manager'>, timeoutMs = 1000) {
  const manager = await broker.manager(timeoutMs);
  const [work, dead, consumer] = await Promise.all([
    manager.streams.info(names.stream),
    manager.streams.info(names.deadLetters),
    manager.consumers.info(names.stream, names.consumer).catch(() => undefined),
  ]);
  return {
    messages: work.state.messages,
    messagesMax: work.config.max_msgs,
    oldestAgeMs: oldestAgeMs(work),
    pending: consumer?.num_pending ?? work.state.messages,
    ackPending: consumer?.num_ack_pending ?? 0,
    redelivered: consumer?.num_redelivered ?? 0,
    deadLetters: dead.state.messages,
    oldestDeadLetterAgeMs: oldestAgeMs(dead),
  };
}

export type Backlog = Awaited<ReturnType<typeof readBacklog>>;

/** Returns the age of the oldest message by the broker's clock; 0 without messages. The client's types lack `ts`. */
function oldestAgeMs({ state, ...answer }: Pick<StreamInfo, 'state'>): number {
  const { ts } = answer as unknown as { ts: string };
  return state.messages === 0 ? 0 : Math.max(0, Date.parse(ts) - Date.parse(state.first_ts));
}
