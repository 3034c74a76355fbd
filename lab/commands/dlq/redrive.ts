import { systemClock, wallTime } from '#kit/clock.ts';
import { type Redrive, redrive } from '#lab/dead-letters/redrive.ts';
import { exitCodes } from '#lab/exit-codes.ts';
import { count, duration, plural } from '#lab/format.ts';
import { lettersAsJson, renderLetters } from '#lab/report/terminal/letters.ts';
import { plain } from '#lab/report/terminal/plain.ts';
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
      const listed = renderLetters(letters, total, now, process.stdout);
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
    return endedWith(signal.aborted && result.left.length > 0, result.failure && failed(result.failure));
  });

const estimate = (letters: number, rate: number): string =>
  plain(
    `Nothing was sent; it would take at least ${duration((letters * 1000) / rate)} at ${count(rate)} a second.\n`,
  );

function sentences({ redriven, repeated, gone, left }: Redrive, elapsedMs: number): string[] {
  const sent = redriven.length;
  return [
    `${plural(sent, 'event')} redriven in ${duration(elapsedMs)}.`,
    ...(repeated.length > 0
      ? [`${count(repeated.length)} sent already by another redrive, which had not deleted the letter.`]
      : []),
    ...(gone.length > 0 ? [`${count(gone.length)} gone meanwhile: redriven or purged elsewhere.`] : []),
    ...(left.length > 0 ? [`${count(left.length)} left in the dead letters.`] : []),
  ];
}

const failed = (failure: string): string =>
  `The redrive ended early, at ${failure}. Whether that event was sent or not, redriving it again does no harm.`;

const idsOf = ({ redriven, repeated, gone, left, failure }: Redrive) => ({
  redriven: redriven.map(({ id }) => id),
  repeated: repeated.map(({ id }) => id),
  gone: gone.map(({ id }) => id),
  left: left.map(({ id }) => id),
  failure: failure ?? null,
});
