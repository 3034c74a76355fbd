import { jetstream, type PubAck } from '@nats-io/jetstream';
import { type MsgHdrs, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node';
import { brokerError, isStreamFull } from '#kit/broker/broker.ts';
import { tickBatch } from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { StorageError } from '#kit/process/storage.ts';
import { headers } from '#kit/wire.ts';

export interface NewEvent {
  readonly id: string;
  readonly body: string;
  readonly class: string | undefined;
  readonly traceparent: string | undefined;
  /** Time in ms after which the caller no longer needs the effect; undefined if it has not said so. */
  readonly timeoutMs: number | undefined;
}

/** Result of publishing an event: only `accepted` and `duplicate` mean that the stream holds it. */
export type Published =
  | { readonly result: 'accepted' | 'duplicate'; readonly sequence: number }
  /** The stream is full. */
  | { readonly result: 'dropped' }
  /** The broker's disk is full or refused it. */
  | { readonly result: 'unstored'; readonly error: StorageError }
  /** It was never sent, because the broker is disconnected. */
  | { readonly result: 'unavailable' }
  /** It was sent and not acknowledged, or refused only at a later try. */
  | { readonly result: 'unknown' };

const tryMs = 1000;
const pauseMs = 50;

/** Publishes one event until the stream acknowledges or refuses it, at most for `timeoutMs`. */
export function publisherOf(connection: NatsConnection, clock: Clock) {
  const client = jetstream(connection);
  const nextTurn = tickBatch();
  return async (event: NewEvent, timeoutMs: number, isConnected: () => boolean): Promise<Published> => {
    const giveUpAtMs = clock.now() + timeoutMs;
    await nextTurn();
    let unanswered = false;
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = giveUpAtMs - clock.now()) {
      if (isConnected()) {
        try {
          const options = {
            msgID: event.id,
            headers: headersOf(event, timeoutMs - leftMs),
            timeout: Math.min(tryMs, leftMs),
          };
          return resultOf(await client.publish(names.subject, event.body, options));
        } catch (error) {
          const refused = refusedAs(error);
          // The stream may have stored it at the first try, and forgotten its id since.
          if (refused) return unanswered ? { result: 'unknown' } : refused;
          unanswered = true;
        }
      }
      await sleep(Math.min(pauseMs, leftMs), clock);
    }
    return { result: unanswered ? 'unknown' : 'unavailable' };
  };
}

/** `triedMs` is the time since the first try to publish the event. */
function headersOf({ class: ofClass, traceparent, timeoutMs }: NewEvent, triedMs: number): MsgHdrs {
  const all = natsHeaders();
  if (ofClass !== undefined) all.append(headers.class, ofClass);
  if (traceparent !== undefined) all.append(headers.traceparent, traceparent);
  if (timeoutMs !== undefined)
    all.append(headers.timeoutMs, String(Math.max(0, Math.round(timeoutMs - triedMs))));
  return all;
}

/** Returns the result if the broker refused the event; undefined if it did not answer. */
function refusedAs(error: unknown): Published | undefined {
  if (isStreamFull(error)) return { result: 'dropped' };
  const cause = brokerError(error);
  return cause instanceof StorageError ? { result: 'unstored', error: cause } : undefined;
}

/** Sequence 0 marks an id that was refused before and is refused again. */
function resultOf({ seq, duplicate }: PubAck): Published {
  if (seq === 0) return { result: 'dropped' };
  return { result: duplicate ? 'duplicate' : 'accepted', sequence: seq };
}
