import { jetstreamManager } from '@nats-io/jetstream';
import { wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { answerOf } from '#lab/testbed/broker/broker.ts';
import { messageOf } from '#lab/testbed/dead-letters/letters.ts';
import { lettersAsJson, renderDeadLetter } from './letter-table.ts';
import { withLetters } from './letters.ts';
import type { DeadLetterOptions } from './options.ts';

/** Shows all that is known of events that died, what they carry with it. Returns the exit code. */
export const showCommand = (ids: readonly string[], options: DeadLetterOptions): Promise<number> =>
  withLetters({ ...options, id: ids }, async ({ connection, natsUrl, letters }) => {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const now = wallTime();
    const shown = [];
    for (const letter of letters) {
      const message = await answerOf(natsUrl, messageOf(manager, letter));
      if (message) shown.push({ letter, body: message.string() });
    }
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ letters: shown.map(({ letter, body }) => ({ ...lettersAsJson([letter], now)[0], body })) })}\n`
        : shown.map(({ letter, body }) => renderDeadLetter(letter, body, now)).join('\n'),
    );
    return exitCodes.held;
  });
