import { type JetStreamClient, jetstream, type PubAck } from '@nats-io/jetstream';
import { type MsgHdrs, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node';
import { brokerError, isStreamFull, names } from '#kit/broker/broker.ts';
import { tickBatch } from '#kit/broker/tick-batch.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { StorageError } from '#kit/process/storage.ts';
import { headers } from '#kit/wire.ts';

/** What is published. */
export interface NewEvent {
  readonly id: string;
  /** The JSON text. */
  readonly body: string;
  readonly class: string | undefined;
  readonly traceparent: string | undefined;
  /** How long the caller needs what comes of it, in ms from now, where it has said so. */
  readonly timeoutMs: number | undefined;
}

/** What became of an event: only `accepted` and `duplicate` mean that the stream holds it. */
export type Published =
  | { readonly result: 'accepted' | 'duplicate'; readonly sequence: number }
  /** The stream is full. */
  | { readonly result: 'dropped' }
  /** The broker's disk has no room for it. */
  | { readonly result: 'unstored'; readonly error: StorageError }
  /** It was never sent, because the broker is not there. */
  | { readonly result: 'unavailable' }
  /** It was sent, and nobody acknowledged it, or refused it but at a later try. */
  | { readonly result: 'unknown' };

const tryMs = 1000;
const pauseMs = 50;

/** Publishes one event until the stream acknowledges or refuses it, at most for `timeoutMs`. */
export function publisherOf(connection: NatsConnection, clock: Clock) {
  const client: JetStreamClient = jetstream(connection);
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
          const refused = refusalOf(error);
          // What the stream had forgotten by now may have been stored at the first try.
          if (refused) return unanswered ? { result: 'unknown' } : refused;
          unanswered = true;
        }
      }
      await sleep(Math.min(pauseMs, leftMs), clock);
    }
    return { result: unanswered ? 'unknown' : 'unavailable' };
  };
}

/** `triedMs` is how long it has been tried to publish the event. */
function headersOf({ class: ofClass, traceparent, timeoutMs }: NewEvent, triedMs: number): MsgHdrs {
  const all = natsHeaders();
  if (ofClass !== undefined) all.append(headers.class, ofClass);
  if (traceparent !== undefined) all.append(headers.traceparent, traceparent);
  if (timeoutMs !== undefined)
    all.append(headers.timeoutMs, String(Math.max(0, Math.round(timeoutMs - triedMs))));
  return all;
}

/** What it means that the broker did not take an event, where it says so. */
function refusalOf(error: unknown): Published | undefined {
  if (isStreamFull(error)) return { result: 'dropped' };
  const cause = brokerError(error);
  return cause instanceof StorageError ? { result: 'unstored', error: cause } : undefined;
}

/** Sequence 0 is an id that was refused before and is refused again. */
function resultOf({ seq, duplicate }: PubAck): Published {
  if (seq === 0) return { result: 'dropped' };
  return { result: duplicate ? 'duplicate' : 'accepted', sequence: seq };
}
