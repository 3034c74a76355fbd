import type { Broker } from '#kit/broker/client.ts';
import { ageMs, type DeadLetter } from '#kit/broker/dead-letter.ts';
import { aborted, systemClock, wallTime } from '#kit/clock.ts';
import { testbedInEnvironment } from '#lab/cli/environment.ts';
import { interruptSignal } from '#lab/cli/interrupt.ts';
import { clear } from '#lab/cli/live.ts';
import { stepsTo } from '#lab/cli/steps.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { count, duration, plain, plural } from '#lab/kit/text/format.ts';
import { printable } from '#lab/kit/text/printable.ts';
import { openBroker } from '#lab/world/broker.ts';
import { answerOf } from '#lab/world/broker-answer.ts';
import { chosen, messageOf, purge, readDeadLetters } from '#lab/world/dead-letters.ts';
import { commandLine } from '#lab/world/process/command-line.ts';
import { type Redrive, redrive, redriveIds } from '#lab/world/redrive.ts';
import { readState } from '#lab/world/state.ts';
import type { Addresses } from '#lab/world/testbed.ts';
import { renderDeadLetters, renderNone } from './table.ts';

interface DlqOptions {
  readonly url?: string;
  readonly json?: boolean;
  readonly reason?: readonly string[];
  readonly id?: readonly string[];
  readonly limit?: number;
}

/** Lists dead letters. As JSON, each has the body of its event. Like all commands in this file, it resolves with the exit code. */
export const lsCommand = (options: DlqOptions): Promise<number> =>
  withLetters(options, async (selection) => {
    const asJson = options.json ? { letters: await withBodies(selection) } : {};
    print(options, asJson, () => renderDeadLetters(selection.letters, wallTime(), process.stdout));
    return exitCodes.held;
  });

async function withBodies({ connection, natsUrl, letters }: Selection): Promise<object[]> {
  const manager = await connection.manager();
  const found: object[] = [];
  for (const letter of letters) {
    const message = await answerOf(natsUrl, messageOf(manager, letter));
    if (message) found.push({ ...letter, ageMs: ageMs(letter, wallTime()), body: message.string() });
  }
  return found;
}

/** Publishes the events of dead letters again to their original subjects, and deletes the dead letters. */
export const redriveCommand = (options: DlqOptions & { readonly rate: number }): Promise<number> =>
  withLetters(options, async ({ connection, signal, letters }) => {
    const startedAtMs = systemClock.now();
    const { stderr } = process;
    const show = stepsTo(stderr);
    const of = letters.length;
    const result = await redrive(connection, letters, {
      ratePerSecond: options.rate,
      clock: systemClock,
      signal,
      onProgress(done) {
        if (stderr.isTTY) show({ done, of, leftMs: undefined }, `Redriving: ${count(done)} of ${count(of)}`);
      },
    });
    clear(stderr);
    const elapsedMs = systemClock.now() - startedAtMs;
    print(options, { ...redriveIds(result), interrupted: signal.aborted, elapsedMs }, () =>
      plain(`${sentences(result, elapsedMs).join('\n')}\n`),
    );
    const problems = skips(result);
    if (result.failure !== undefined)
      problems.push(
        `The redrive stopped early, at ${result.failure}. It is safe to redrive that event again, whether it was sent or not.`,
      );
    return endedWith(signal.aborted && result.left.length > 0, problems.join('\n'));
  });

function sentences({ redriven, repeated, gone, skipped, left }: Redrive, elapsedMs: number): string[] {
  const rest = skipped.length + left.length;
  return [
    `${plural(redriven.length, 'event')} redriven in ${duration(elapsedMs)}.`,
    ...(repeated.length > 0
      ? [`${count(repeated.length)} already sent by another redrive, which had not deleted the dead letter.`]
      : []),
    ...(gone.length > 0 ? [`${count(gone.length)} removed meanwhile: redriven or purged elsewhere.`] : []),
    ...(rest > 0 ? [`${count(rest)} left as dead letters.`] : []),
  ];
}

const skipsMax = 10;

function skips({ skipped }: Redrive): string[] {
  const lines = skipped.slice(0, skipsMax).map(({ letter, reason }) => `Skipped ${letter.id}: ${reason}.`);
  const more = skipped.length - lines.length;
  return more > 0 ? [...lines, `… and ${count(more)} more.`] : lines;
}

/** Deletes dead letters for good. Throws InputError without `--yes`. */
export function purgeCommand(options: DlqOptions & { readonly yes?: true }): Promise<number> {
  if (!options.yes)
    throw new InputError(
      `expected --yes, since purged dead letters are gone for good: \`${commandLine(['dlq', 'ls'])}\` lists them`,
    );
  return withLetters(options, async ({ connection, signal, letters }) => {
    const { purged, left, failure } = await purge(connection, letters, signal);
    const rest = left > 0 ? `${count(left)} left.\n` : '';
    print(options, { purged, left, failure: failure ?? null }, () =>
      plain(`${plural(purged, 'dead letter')} deleted.\n${rest}`),
    );
    return endedWith(left > 0 && signal.aborted, failure && `The purge stopped early, at ${failure}`);
  });
}

interface Selection {
  readonly connection: Broker;
  readonly natsUrl: string;
  readonly signal: AbortSignal;
  readonly letters: readonly DeadLetter[];
}

/**
 * Calls `act` with the selected dead letters, unless the command is interrupted before. Without any, says so, except
 * for JSON. Rejects with InputError for unknown ids.
 */
async function withLetters(
  options: DlqOptions,
  act: (selection: Selection) => Promise<number>,
): Promise<number> {
  const signal = interruptSignal();
  const { reason: reasons, id: ids, limit } = options;
  try {
    const address = brokerOf(options);
    const { natsUrl } = address;
    const connection = await openBroker(address, aborted(signal));
    try {
      const all = await Promise.race([answerOf(natsUrl, readDeadLetters(connection)), aborted(signal)]);
      const letters = chosen(all, { reasons, ids, limit });
      if (letters.length > 0 || options.json) return await act({ connection, natsUrl, signal, letters });
      process.stdout.write(renderNone(all.length));
      return exitCodes.held;
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('Interrupted: nothing was changed.\n');
    return exitCodes.interrupted;
  }
}

function brokerOf({ url }: DlqOptions): Pick<Addresses, 'natsUrl' | 'natsCredentials'> {
  const up = readState()?.addresses;
  const { knownUrls, natsCredentials } = testbedInEnvironment();
  const natsUrl = url ?? knownUrls?.nats ?? up?.natsUrl;
  if (natsUrl === undefined)
    throw new InputError(
      `no testbed is up: start one with \`${commandLine(['up'])}\`, or name its broker with --url nats=nats://host:port`,
    );
  // Only the broker of the running testbed may receive its credentials.
  const known = natsUrl === up?.natsUrl ? up?.natsCredentials : undefined;
  return { natsUrl, natsCredentials: natsCredentials ?? known };
}

function print({ json }: DlqOptions, asJson: object, asText: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(asJson)}\n` : asText());
}

function endedWith(interrupted: boolean, failure: string | undefined): number {
  if (failure) {
    process.stderr.write(`${printable(failure)}\n`);
    return exitCodes.internal;
  }
  if (!interrupted) return exitCodes.held;
  process.stderr.write('Interrupted between two dead letters: none is half done.\n');
  return exitCodes.interrupted;
}
