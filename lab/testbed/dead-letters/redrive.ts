import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { brokerError, eventBytesMax, isStreamFull, isTooLarge, names } from '#kit/broker/broker.ts';
import { type DeadLetter, deadLetterName, redrivenHeaders } from '#kit/broker/dead-letter.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { deleteDeadLetter, messageOf } from './letters.ts';

/** Progress of a redrive. */
export interface Redrive {
  /** Published and deleted. */
  readonly redriven: readonly DeadLetter[];
  /** Published by a redrive before that was killed or goes on beside this one; deleted now. */
  readonly repeated: readonly DeadLetter[];
  /** Not there any more when their turn came. */
  readonly gone: readonly DeadLetter[];
  /** Left in place because the work stream takes no message of their subject or size. */
  readonly skipped: readonly Skipped[];
  /** Those that it did not come to, and the one that it failed at. */
  readonly left: readonly DeadLetter[];
  /** Why it ended before its end, but for an interruption. */
  readonly failure: string | undefined;
}

interface Skipped {
  readonly letter: DeadLetter;
  readonly reason: string;
}

interface Options {
  /** At most. */
  readonly ratePerSecond: number;
  readonly clock: Clock;
  /** Ends it after the letter that it is at. */
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

const timeoutMs = 2000;

/** So much is made up for, which in no second is more than 1 % of the rate; to catch up with a slow answer would break it. */
const timerLatenessMs = 10;

/**
 * Sends letters to where their events were published, one after the other, and deletes each once the stream has its
 * message. Killed between the two it leaves both, and the next redrive of the letter may publish a second message: the
 * broker refuses that as long as it remembers the message's id, and Spillway's consumer does only the first it takes.
 */
export async function redrive(
  connection: NatsConnection,
  letters: readonly DeadLetter[],
  { ratePerSecond, clock, signal, onProgress = () => undefined }: Options,
): Promise<Redrive> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
  const done = { redriven: [] as DeadLetter[], repeated: [] as DeadLetter[], gone: [] as DeadLetter[] };
  const skipped: Skipped[] = [];
  const refusal = refusals(manager);
  let nextAtMs = clock.now();
  let failure: string | undefined;
  let turn = 0;
  for (const letter of letters) {
    const waitMs = nextAtMs - clock.now();
    if (waitMs > 0) await sleep(waitMs, clock, signal).catch(() => undefined);
    if (signal.aborted) break;
    nextAtMs = Math.max(nextAtMs, clock.now() - timerLatenessMs) + 1000 / ratePerSecond;
    try {
      const reason = await refusal(letter.subject);
      if (reason === undefined) done[await redriveOne(connection, manager, letter)].push(letter);
      else skipped.push({ letter, reason });
    } catch (error) {
      if (isTooLarge(error)) skipped.push({ letter, reason: tooLarge });
      else {
        failure = `${letter.id}: ${(error as Error).message}`;
        break;
      }
    }
    turn += 1;
    onProgress(turn);
  }
  return { ...done, skipped, left: letters.slice(turn), failure };
}

/**
 * Finds out why letters can't be sent to a subject, asking the broker once for each. A letter may name any subject,
 * also one at which the broker itself takes orders.
 */
function refusals({ streams }: JetStreamManager): (subject: string) => Promise<string | undefined> {
  const known = new Map<string, string | undefined>();
  return async (subject) => {
    if (!known.has(subject)) known.set(subject, reasonAgainst(subject, await takersOf(subject)));
    return known.get(subject);
  };

  async function takersOf(subject: string): Promise<string[]> {
    if (!/^[^\s*>]+$/.test(subject)) return [];
    const takers: string[] = [];
    for await (const name of streams.names(subject)) takers.push(name);
    return takers;
  }
}

function reasonAgainst(subject: string, takers: readonly string[]): string | undefined {
  if (takers.includes(names.stream)) return undefined;
  const taker = takers.length > 0 ? `of the stream ${takers.join(', ')}` : 'of no stream';
  return `its subject ${shorten(subject)} is ${taker}, expected one of ${names.stream}`;
}

/** Rejects when the stream does not take it, or nobody can say; then the letter is there still. */
async function redriveOne(
  connection: NatsConnection,
  manager: JetStreamManager,
  letter: DeadLetter,
): Promise<'redriven' | 'repeated' | 'gone'> {
  const message = await messageOf(manager, letter);
  if (!message) return 'gone';
  const { seq, duplicate } = await jetstream(connection)
    .publish(letter.subject, message.data, {
      headers: redrivenHeaders(message),
      msgID: `redrive.${deadLetterName(letter)}`,
      expect: { streamName: names.stream },
      timeout: timeoutMs,
    })
    .catch((error) => {
      throw isStreamFull(error) ? new Error(streamFull, { cause: error }) : brokerError(error);
    });
  // A replicated stream refuses again what it has refused before.
  if (seq === 0) throw new Error(streamFull);
  await deleteDeadLetter(manager, message);
  return duplicate ? 'repeated' : 'redriven';
}

const streamFull = 'the work stream is full';

const tooLarge = `with its headers it is larger than the ${eventBytesMax} bytes that ${names.stream} takes`;
