import type { NatsConnection } from '@nats-io/transport-node';
import type { DeadLetter } from '#kit/broker/dead-letter.ts';
import { wallTime } from '#kit/clock.ts';
import { interruptSignal } from '#lab/cli/interrupt.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { answerOf, openBroker } from '#lab/testbed/broker/broker.ts';
import { chosen } from '#lab/testbed/dead-letters/filter.ts';
import { readDeadLetters } from '#lab/testbed/dead-letters/letters.ts';
import { aborted } from '#lab/testbed/process/aborted.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { readState } from '#lab/testbed/state.ts';
import type { Addresses } from '#lab/testbed/testbed.ts';
import { printable } from '#lab/text/printable.ts';
import { type FilterOptions, filterOf } from './options.ts';

interface Hands {
  readonly connection: NatsConnection;
  readonly natsUrl: string;
  readonly signal: AbortSignal;
  /** Those that the options choose. Throws InputError for ids that are unknown. */
  readonly letters: readonly DeadLetter[];
  /** How many there are with those that are not chosen. */
  readonly total: number;
}

/** Reads the letters that the options choose and does something with them, unless it is interrupted. Returns the exit code. */
export async function withLetters(
  options: FilterOptions,
  act: (hands: Hands) => Promise<number>,
): Promise<number> {
  const signal = interruptSignal(exitCodes.interrupted);
  try {
    const address = brokerOf(options);
    const { natsUrl } = address;
    const connection = await openBroker(address, aborted(signal));
    try {
      const all = await Promise.race([answerOf(natsUrl, readDeadLetters(connection)), aborted(signal)]);
      const letters = chosen(all, filterOf(options), wallTime());
      return await act({ connection, natsUrl, signal, letters, total: all.length });
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('Interrupted: nothing was changed.\n');
    return exitCodes.interrupted;
  }
}

/** The exit code of what was to change something, once it is told why it was not all done. */
export function endedWith(interrupted: boolean, failure: string | undefined): number {
  if (failure !== undefined) {
    process.stderr.write(`${printable(failure)}\n`);
    return exitCodes.internal;
  }
  if (!interrupted) return exitCodes.held;
  process.stderr.write('Interrupted between two letters: nothing is half-done.\n');
  return exitCodes.interrupted;
}

function brokerOf({ url }: FilterOptions): Pick<Addresses, 'natsUrl' | 'natsCredentials'> {
  const up = readState()?.addresses;
  const natsUrl = url ?? up?.natsUrl;
  if (natsUrl === undefined)
    throw new InputError(
      `expected a testbed with dead letters: start one with \`${commandLine(['up'])}\`, or say with --url nats=nats://host:port where its broker is`,
    );
  // No other broker may learn those of the one that is up.
  const known = natsUrl === up?.natsUrl ? up?.natsCredentials : undefined;
  return { natsUrl, natsCredentials: process.env.SPILLWAY_NATS_CREDENTIALS ?? known };
}
