import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { originOf } from '#kit/broker/dead-letter.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';

/**
 * The report of a delivery with the attempts made in it. Where the broker has counted too few deliveries (`uncounted`), it
 * has neither number: what was made before is unknown.
 */
export function reportOf(
  message: JsMsg,
  uncounted: boolean,
  outcome: DeliveryReport['outcome'],
  attempts: number,
): DeliveryReport {
  const { id, redrives } = originOf(message);
  return uncounted
    ? { id, outcome }
    : { id, outcome, delivery: message.info.deliveryCount, redrives, attempts };
}

/** To be published before the message is given back: reports come in the order of the deliveries. */
export const publishReport = (broker: NatsConnection, report: DeliveryReport): void =>
  broker.publish(finishedSubject, JSON.stringify(report));
