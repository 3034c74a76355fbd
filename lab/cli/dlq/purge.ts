import { createInterface } from 'node:readline/promises';
import { wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { purge } from '#lab/testbed/dead-letters/purge.ts';
import { count, plain, plural } from '#lab/text/format.ts';
import { lettersAsJson, renderDeadLetters } from './letter-table.ts';
import { endedWith, withLetters } from './letters.ts';
import type { FilterOptions } from './options.ts';

interface Options extends FilterOptions {
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Deletes letters for good, after a confirmation. Returns the exit code. */
export function purgeCommand(options: Options): Promise<number> {
  const { dryRun = false, yes = false, json } = options;
  const canAsk = process.stdin.isTTY && process.stdout.isTTY && !json;
  if (!dryRun && !yes && !canAsk)
    throw new InputError(
      'expected --yes, since nobody can be asked here; --dry-run lists what would be deleted',
    );
  return withLetters(options, async ({ connection, signal, letters, total }) => {
    const now = wallTime();
    const say = (text: string, machine: object) =>
      void process.stdout.write(json ? `${JSON.stringify(machine)}\n` : plain(text));
    if (dryRun || letters.length === 0) {
      const none = letters.length > 0 ? '\nNothing was deleted.\n' : '';
      say(`${renderDeadLetters(letters, total, now, process.stdout)}${none}`, {
        purged: 0,
        letters: lettersAsJson(letters, now),
      });
      return exitCodes.held;
    }
    if (
      !yes &&
      !(await confirmed(
        `${renderDeadLetters(letters, total, now, process.stdout)}\nDelete them for good?`,
        signal,
      ))
    ) {
      say('Nothing was deleted.\n', {});
      return exitCodes.held;
    }
    const { purged, left, failure } = await purge(connection, letters, signal);
    const rest = left > 0 ? `${count(left)} left.\n` : '';
    say(`${plural(purged, 'dead letter')} deleted.\n${rest}`, { purged, left, failure: failure ?? null });
    return endedWith(left > 0 && signal.aborted, failure && `The purge ended early, at ${failure}`);
  });
}

async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // In this mode the terminal hands over Ctrl-C as a key.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
