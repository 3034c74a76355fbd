import { brokerError, isStreamFull, isTooLarge } from '#kit/broker/broker.ts';
import type { Broker, Manager } from '#kit/broker/client.ts';
import { type DeadLetter, deadLetterName, redrivenHeaders } from '#kit/broker/dead-letter.ts';
import { eventBytesMax, names } from '#kit/broker/names.ts';
import { deleteDeadLetter } from '#kit/broker/stored.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { messageOf } from './dead-letters.ts';

export interface Redrive {
  /** Dead letters whose event was published, and which were then deleted. */
  readonly redriven: readonly DeadLetter[];
  /**
   * Dead letters whose event another redrive had already published: before it was killed, or while this one ran. They
   * are deleted now.
   */
  readonly repeated: readonly DeadLetter[];
  /** Dead letters that something other than this redrive deleted before their turn. */
  readonly gone: readonly DeadLetter[];
  /** Dead letters that were not sent, since the work stream doesn't accept their subject or size. */
  readonly skipped: readonly { readonly letter: DeadLetter; readonly reason: string }[];
  /** Dead letters that were not sent because of an interruption or a failure. */
  readonly left: readonly DeadLetter[];
  /** Reason of a failure that ended the redrive early; undefined after an interruption. */
  readonly failure: string | undefined;
}

export function redriveIds({ redriven, repeated, gone, skipped, left, failure }: Redrive) {
  const ids = (letters: readonly DeadLetter[]) => letters.map(({ id }) => id);
  return {
    redriven: ids(redriven),
    repeated: ids(repeated),
    gone: ids(gone),
    skipped: skipped.map(({ letter: { id }, reason }) => ({ id, reason })),
    left: ids(left),
    failure: failure ?? null,
  };
}

interface RedriveOptions {
  readonly ratePerSecond: number;
  readonly clock: Clock;
  /** Ends the redrive after the current dead letter. */
  readonly signal: AbortSignal;
  readonly onProgress?: (completed: number) => void;
}

const timeoutMs = 2000;

/**
 * Maximum delay that the redrive makes up for. This covers late timers. After a slow answer, making up for the whole
 * delay would exceed the rate.
 */
const timerLatenessMs = 10;

/**
 * Publishes the events of dead letters again, one after the other, and deletes each dead letter after its event is
 * published. If the redrive is killed in between, the next redrive publishes the event a second time. The broker drops
 * the second message while it remembers the message id; later, Spillway's consumer ignores it.
 */
export async function redrive(
  broker: Broker,
  letters: readonly DeadLetter[],
  { ratePerSecond, clock, signal, onProgress = () => undefined }: RedriveOptions,
): Promise<Redrive> {
  const manager = await broker.manager(timeoutMs);
  const completed = { redriven: [] as DeadLetter[], repeated: [] as DeadLetter[], gone: [] as DeadLetter[] };
  const skipped: { letter: DeadLetter; reason: string }[] = [];
  let nextAtMs = clock.now();
  let failure: string | undefined;
  let turn = 0;
  for (const letter of letters) {
    const waitMs = nextAtMs - clock.now();
    if (waitMs > 0) await sleep(waitMs, clock, signal).catch(() => undefined);
    if (signal.aborted) break;
    nextAtMs = Math.max(nextAtMs, clock.now() - timerLatenessMs) + 1000 / ratePerSecond;
    try {
      // A dead letter may name any subject, even a `$JS` one.
      if (letter.subject !== names.subject) skipped.push({ letter, reason: foreign(letter) });
      else completed[await redriveOne(broker, manager, letter)].push(letter);
    } catch (error) {
      if (!isTooLarge(error)) {
        failure = `${letter.id}: ${(error as Error).message}`;
        break;
      }
      skipped.push({ letter, reason: tooLarge });
    }
    turn += 1;
    onProgress(turn);
  }
  return { ...completed, skipped, left: letters.slice(turn), failure };
}

/**
 * Publishes an event again and deletes its dead letter. Rejects if the stream refuses the event or doesn't answer in
 * time; the dead letter then stays.
 */
async function redriveOne(
  broker: Broker,
  manager: Manager,
  letter: DeadLetter,
): Promise<'redriven' | 'repeated' | 'gone'> {
  const message = await messageOf(manager, letter);
  if (!message) return 'gone';
  const { seq, duplicate } = await broker
    .store(letter.subject, message.data, {
      headers: redrivenHeaders(message),
      msgID: `redrive.${deadLetterName(letter)}`,
      expect: { streamName: names.stream },
      timeout: timeoutMs,
    })
    .catch((error) => {
      throw isStreamFull(error) ? new Error(streamFull, { cause: error }) : brokerError(error);
    });
  // A replicated stream answers with sequence 0 when it refuses the same message again.
  if (seq === 0) throw new Error(streamFull);
  await deleteDeadLetter(manager, message);
  return duplicate ? 'repeated' : 'redriven';
}

const streamFull = 'the work stream is full';

const foreign = ({ subject }: DeadLetter): string =>
  `its subject is ${shorten(subject)}, expected that of ${names.stream}, ${names.subject}`;

const tooLarge = `with its headers it is larger than the limit of ${names.stream}, ${eventBytesMax} bytes`;
