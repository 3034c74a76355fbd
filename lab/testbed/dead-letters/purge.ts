import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DeadLetter } from '#kit/broker/dead-letter.ts';
import { deleteDeadLetter, messageOf } from './letters.ts';

/** How far a purge came. */
export interface Purge {
  readonly purged: number;
  /** Letters that it did not come to, or failed at. */
  readonly left: number;
  /** Why it ended before its end, but for an interruption. */
  readonly failure: string | undefined;
}

/** Deletes letters for good, those alone, until the signal aborts. */
export async function purge(
  connection: NatsConnection,
  letters: readonly DeadLetter[],
  signal: AbortSignal,
): Promise<Purge> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  let purged = 0;
  for (const [index, letter] of letters.entries()) {
    const left = letters.length - index;
    if (signal.aborted) return { purged, left, failure: undefined };
    try {
      const message = await messageOf(manager, letter);
      if (message && (await deleteDeadLetter(manager, message))) purged += 1;
    } catch (error) {
      return { purged, left, failure: `${letter.id}: ${(error as Error).message}` };
    }
  }
  return { purged, left: 0, failure: undefined };
}
