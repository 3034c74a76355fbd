import type { Broker, Delivered } from '#kit/broker/client.ts';
import { type Origin, originOf } from '#kit/broker/dead-letter.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';

const timeoutMs = 1000;

/** Thrown if the broker does not confirm an acknowledgement. It may have received the acknowledgement. */
export class Unconfirmed extends Error {
  override readonly name = 'Unconfirmed';
}

/** Acknowledges a message. Rejects with Unconfirmed without the broker's confirmation; it can then be given back. */
export async function acknowledge(broker: Broker, message: Delivered): Promise<void> {
  await broker.confirm(message, timeoutMs).catch((cause: Error) => {
    throw new Unconfirmed(`the broker does not confirm an acknowledgement: ${cause.message}`, { cause });
  });
}

/** Publishes a report of a delivery. Call it before giving the message back, so that reports come in order. */
export function publishReport(
  broker: Broker,
  message: Delivered,
  { id, redrives }: Origin,
  outcome: DeliveryReport['outcome'],
  attempts: number,
): void {
  const delivery = message.info.deliveryCount;
  const report: DeliveryReport = { id, outcome, delivery, redrives, attempts };
  broker.publish(finishedSubject, JSON.stringify(report));
}

/** Returns a function that gives a message back without an attempt. It reports the delivery, which counts. */
export const giveBackUntried = (broker: Broker) => (message: Delivered) => {
  publishReport(broker, message, originOf(message), 'redelivered', 0);
  message.nak();
};
