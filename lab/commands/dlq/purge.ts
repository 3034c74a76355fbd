import { createInterface } from 'node:readline/promises';
import { wallTime } from '#kit/clock.ts';
import { answerOf } from '#lab/broker.ts';
import { purge } from '#lab/dead-letters/purge.ts';
import { exitCodes } from '#lab/exit-codes.ts';
import { InputError } from '#lab/input-error.ts';
import { count, plural } from '#lab/report/format.ts';
import { lettersAsJson, renderLetters } from '#lab/report/terminal/letters.ts';
import { withLetters } from './letters.ts';
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
  return withLetters(options, async ({ connection, natsUrl, signal, letters }) => {
    const now = wallTime();
    const say = (text: string, machine: object) =>
      void process.stdout.write(json ? `${JSON.stringify(machine)}\n` : text.replaceAll('\u00a0', ' '));
    if (dryRun || letters.length === 0) {
      say(renderLetters(letters, now, process.stdout), { purged: 0, letters: lettersAsJson(letters, now) });
      return exitCodes.held;
    }
    if (
      !yes &&
      !(await confirmed(`${renderLetters(letters, now, process.stdout)}\nDelete them for good?`, signal))
    ) {
      say('Nothing was deleted.\n', {});
      return exitCodes.held;
    }
    const purged = await answerOf(natsUrl, purge(connection, letters, signal));
    say(`${plural(purged, 'dead letter')} deleted.\n`, { purged, interrupted: signal.aborted });
    if (!signal.aborted) return exitCodes.held;
    process.stderr.write(`Interrupted: ${count(purged)} of ${count(letters.length)} deleted.\n`);
    return exitCodes.interrupted;
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
