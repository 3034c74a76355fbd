import { wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { lettersAsJson, renderDeadLetters } from './letter-table.ts';
import { withLetters } from './letters.ts';
import type { FilterOptions } from './options.ts';

/** Lists dead letters. Returns the exit code. */
export const lsCommand = (options: FilterOptions): Promise<number> =>
  withLetters(options, async ({ letters, total }) => {
    const now = wallTime();
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ letters: lettersAsJson(letters, now) })}\n`
        : renderDeadLetters(letters, total, now, process.stdout),
    );
    return exitCodes.held;
  });
