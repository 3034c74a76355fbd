import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { brokerError, isAlreadyThere, names, receiptSubject } from '#kit/broker/broker.ts';

const timeoutMs = 2000;

/**
 * Whether a message is the one of all that were made of a letter that is to be done: the first that a consumer asked
 * this of. Several are made when a redrive is killed before it deletes the letter and repeated after the broker has
 * forgotten the message's id. Rejects when the broker can't say, with StorageError where it has no room.
 */
export async function isFirst(connection: NatsConnection, message: JsMsg, letter: string): Promise<boolean> {
  const subject = receiptSubject(letter);
  const own = String(message.seq);
  try {
    const options = { expect: { lastSubjectSequence: 0 }, timeout: timeoutMs };
    await jetstream(connection).publish(subject, own, options);
    return true;
  } catch (error) {
    if (!isAlreadyThere(error)) throw brokerError(error);
  }
  const { streams } = await jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
  const receipt = await streams.getMessage(names.receipts, { last_by_subj: subject });
  return receipt?.string() === own;
}
