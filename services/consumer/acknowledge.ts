import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { originOf } from '#kit/broker/dead-letter.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';

const timeoutMs = 1000;

/** Thrown if the broker does not confirm an acknowledgement, which it may have received or not. */
export class Unconfirmed extends Error {
  override readonly name = 'Unconfirmed';
}

/**
 * Acknowledges a message and waits until the broker confirms it. Otherwise rejects with Unconfirmed, and the message can be
 * given back. The client's `ackAck()` can't be used: even then it ignores `nak()` and `working()` from then on, so the
 * event would return only after its ack wait.
 */
export async function acknowledge(broker: NatsConnection, message: JsMsg): Promise<void> {
  // Every delivered message has one, though the client's type hides it.
  const { reply } = message as unknown as { readonly reply: string };
  await broker.request(reply, '+ACK', { timeout: timeoutMs }).catch((cause) => {
    throw new Unconfirmed(`the broker does not confirm an acknowledgement: ${cause.message}`, { cause });
  });
}

/**
 * Reports a delivery with the attempts made in it. Must precede giving the message back: reports come in the order of the
 * deliveries. If the broker has counted too few deliveries (`uncounted`), the report has no numbers, since earlier attempts
 * are unknown.
 */
export function publishReport(
  broker: NatsConnection,
  message: JsMsg,
  uncounted: boolean,
  outcome: DeliveryReport['outcome'],
  attempts: number,
): void {
  const { id, redrives } = originOf(message);
  const numbers = uncounted ? {} : { delivery: message.info.deliveryCount, redrives, attempts };
  const report: DeliveryReport = { id, outcome, ...numbers };
  broker.publish(finishedSubject, JSON.stringify(report));
}

/** Gives back a message without an attempt, and reports that, since the broker counts the delivery. */
export const giveBackUntried = (broker: NatsConnection) => (message: JsMsg) => {
  publishReport(broker, message, false, 'redelivered', 0);
  message.nak();
};
