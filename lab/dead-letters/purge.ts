import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Letter } from '#kit/letter.ts';
import { deleteLetter } from './letters.ts';

/** Deletes letters for good, those alone, until the signal aborts. Resolves with how many it deleted. */
export async function purge(
  connection: NatsConnection,
  letters: readonly Letter[],
  signal: AbortSignal,
): Promise<number> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  let purged = 0;
  for (const letter of letters) {
    if (signal.aborted) break;
    if (await deleteLetter(manager, letter)) purged += 1;
  }
  return purged;
}
