import { type JetStreamClient, jetstream, type PubAck } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isStreamFull, names } from '#kit/broker.ts';
import { type Clock, sleep } from '#kit/clock.ts';

/** What became of an event: only `accepted` and `duplicate` mean that the stream holds it. */
export type Published =
  | { readonly result: 'accepted' | 'duplicate'; readonly sequence: number }
  /** The stream is full. */
  | { readonly result: 'dropped' }
  /** It was never sent, because the broker is not there. */
  | { readonly result: 'unavailable' }
  /** It was sent, and nobody acknowledged it. */
  | { readonly result: 'unknown' };

const tryMs = 1000;
const pauseMs = 50;

/** Publishes one event until the stream acknowledges or refuses it, at most for `timeoutMs`. */
export function publisherOf(connection: NatsConnection, clock: Clock) {
  const client: JetStreamClient = jetstream(connection);
  return async (
    id: string,
    body: string,
    timeoutMs: number,
    isConnected: () => boolean,
  ): Promise<Published> => {
    const giveUpAtMs = clock.now() + timeoutMs;
    let sent = false;
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = giveUpAtMs - clock.now()) {
      if (isConnected()) {
        sent = true;
        try {
          return resultOf(
            await client.publish(names.subject, body, { msgID: id, timeout: Math.min(tryMs, leftMs) }),
          );
        } catch (error) {
          if (isStreamFull(error)) return { result: 'dropped' };
        }
      }
      await sleep(Math.min(pauseMs, leftMs), clock);
    }
    return { result: sent ? 'unknown' : 'unavailable' };
  };
}

/** Sequence 0 is an id that was refused before and is refused again. */
function resultOf({ seq, duplicate }: PubAck): Published {
  if (seq === 0) return { result: 'dropped' };
  return { result: duplicate ? 'duplicate' : 'accepted', sequence: seq };
}
