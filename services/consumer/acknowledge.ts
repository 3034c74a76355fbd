import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const timeoutMs = 1000;

/** The broker did not confirm an acknowledgement: it may have taken it, or not. */
export class Unconfirmed extends Error {
  override readonly name = 'Unconfirmed';
}

/**
 * Acknowledges a message and waits until the broker confirms it. If it doesn't, rejects with Unconfirmed, and the message
 * can be given back.
 * The client's `ackAck()` can't be used: it takes the message for acknowledged even then, and ignores `nak()` and
 * `working()` from then on, so the event would return only after its ack wait.
 */
export async function acknowledge(broker: NatsConnection, message: JsMsg): Promise<void> {
  // Every delivered message has one, though the client's type hides it.
  const { reply } = message as unknown as { readonly reply: string };
  await broker.request(reply, '+ACK', { timeout: timeoutMs }).catch((cause) => {
    throw new Unconfirmed(`the broker does not confirm an acknowledgement: ${cause.message}`, { cause });
  });
}
