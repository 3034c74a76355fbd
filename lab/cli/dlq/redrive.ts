import { systemClock, wallTime } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { type Redrive, redrive } from '#lab/testbed/dead-letters/redrive.ts';
import { count, duration, plain, plural } from '#lab/text/format.ts';
import { lettersAsJson, renderDeadLetters } from './letter-table.ts';
import { endedWith, withLetters } from './letters.ts';
import { live } from './live.ts';
import type { FilterOptions } from './options.ts';

interface Options extends FilterOptions {
  readonly rate: number;
  readonly dryRun?: true;
}

/** Sends events to where they were published. Returns the exit code. */
export const redriveCommand = (options: Options): Promise<number> =>
  withLetters(options, async ({ connection, signal, letters, total }) => {
    const { rate, dryRun = false, json } = options;
    if (dryRun || (letters.length === 0 && !json)) {
      const now = wallTime();
      const listed = renderDeadLetters(letters, total, now, process.stdout);
      const shown = json
        ? `${JSON.stringify({ dryRun, letters: lettersAsJson(letters, now) })}\n`
        : `${listed}${letters.length > 0 ? estimate(letters.length, rate) : ''}`;
      process.stdout.write(shown);
      return exitCodes.held;
    }
    const startedAtMs = systemClock.now();
    const line = live(process.stderr);
    const result = await redrive(connection, letters, {
      ratePerSecond: rate,
      clock: systemClock,
      signal,
      onProgress: (done) => line.show(`Redriving: ${count(done)} of ${count(letters.length)}`),
    });
    line.end();
    const elapsedMs = systemClock.now() - startedAtMs;
    process.stdout.write(
      json
        ? `${JSON.stringify({ ...idsOf(result), interrupted: signal.aborted, elapsedMs })}\n`
        : plain(`${sentences(result, elapsedMs).join('\n')}\n`),
    );
    return endedWith(
      signal.aborted && result.left.length > 0,
      [...skips(result), ...(result.failure === undefined ? [] : [failed(result.failure)])].join('\n') ||
        undefined,
    );
  });

const estimate = (letters: number, rate: number): string =>
  plain(
    `Nothing was sent; it would take at least ${duration((letters * 1000) / rate)} at ${count(rate)} a second.\n`,
  );

function sentences({ redriven, repeated, gone, skipped, left }: Redrive, elapsedMs: number): string[] {
  const sent = redriven.length;
  const rest = skipped.length + left.length;
  return [
    `${plural(sent, 'event')} redriven in ${duration(elapsedMs)}.`,
    ...(repeated.length > 0
      ? [`${count(repeated.length)} sent already by another redrive, which had not deleted the letter.`]
      : []),
    ...(gone.length > 0 ? [`${count(gone.length)} gone meanwhile: redriven or purged elsewhere.`] : []),
    ...(rest > 0 ? [`${count(rest)} left in the dead letters.`] : []),
  ];
}

const skipsMax = 10;

/** A line for each of the first letters that were skipped. */
function skips({ skipped }: Redrive): string[] {
  const lines = skipped.slice(0, skipsMax).map(({ letter, reason }) => `Skipped ${letter.id}: ${reason}.`);
  const more = skipped.length - lines.length;
  return more > 0 ? [...lines, `… and ${count(more)} more.`] : lines;
}

const failed = (failure: string): string =>
  `The redrive ended early, at ${failure}. Whether that event was sent or not, redriving it again does no harm.`;

const idsOf = ({ redriven, repeated, gone, skipped, left, failure }: Redrive) => ({
  redriven: redriven.map(({ id }) => id),
  repeated: repeated.map(({ id }) => id),
  gone: gone.map(({ id }) => id),
  skipped: skipped.map(({ letter, reason }) => ({ id: letter.id, reason })),
  left: left.map(({ id }) => id),
  failure: failure ?? null,
});
