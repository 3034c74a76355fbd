import { ageMs, type DeadLetter } from '#kit/broker/dead-letter.ts';
import { count, cut, duration, none, plain, plural } from '#lab/text/format.ts';
import { printable } from '#lab/text/printable.ts';

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>;

const heads = ['letter', 'event', 'reason', 'attempts', 'redrives', 'dead for', 'errors, first and last'];

/** A line for each letter of those chosen among all, cut to a terminal's width, and how many there are of each reason. */
export function renderDeadLetters(
  letters: readonly DeadLetter[],
  total: number,
  now: Date,
  { isTTY, columns }: Output,
): string {
  if (letters.length === 0)
    return total === 0
      ? 'No dead letters.\n'
      : textOf([`None of the ${plural(total, 'dead letter')} matches.`]);
  const rows = [heads, ...letters.map((letter) => cellsOf(letter, now))];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const fitting = isTTY ? lines.map((line) => cut(line, columns)) : lines;
  return textOf([...fitting, '', summary(letters)]);
}

/** All that a letter says. */
export function renderDeadLetter(letter: DeadLetter, body: string, now: Date): string {
  const { attempts, redrives, publishedAt, diedAt } = letter;
  const times = redrives > 0 ? `, redriven ${redrives === 1 ? 'once' : `${count(redrives)} times`}` : '';
  const facts = {
    letter: String(letter.sequence),
    reason: letter.reason || none,
    attempts: `${count(attempts)}${times}`,
    published: publishedAt,
    died: `${diedAt}, ${age(letter, now)} ago`,
    'first error': letter.firstError || none,
    'last error': letter.lastError || none,
    history: letter.history,
    subject: letter.subject,
    body,
  };
  const lines = Object.entries(facts).flatMap(([name, fact]) =>
    [fact].flat().map((text, index) => `  ${(index === 0 ? name : '').padEnd(13)}${printable(text)}`),
  );
  return textOf([printable(letter.id), ...lines]);
}

/** As `--json` prints them. */
export const lettersAsJson = (letters: readonly DeadLetter[], now: Date) =>
  letters.map((letter) => ({ ...letter, ageMs: ageMs(letter, now) }));

function cellsOf(letter: DeadLetter, now: Date): string[] {
  const { sequence, id, reason, attempts, redrives, firstError, lastError } = letter;
  const errors = firstError === lastError ? [firstError] : [firstError, lastError];
  return [
    String(sequence),
    id,
    reason || none,
    count(attempts),
    count(redrives),
    age(letter, now),
    errors.join(' → '),
  ].map(printable);
}

function summary(letters: readonly DeadLetter[]): string {
  const reasons = Object.entries(Object.groupBy(letters, ({ reason }) => reason || 'no reason'));
  const parts = reasons.map(([reason, those = []]) => `${count(those.length)} ${printable(reason)}`);
  return `${plural(letters.length, 'dead letter')}: ${parts.join(', ')}`;
}

const hourMs = 3_600_000;

/** Hours and days where minutes say little. */
function age(letter: DeadLetter, now: Date): string {
  const ms = ageMs(letter, now);
  if (ms < 2 * hourMs) return duration(Math.round(ms / 1000) * 1000);
  const hours = Math.floor(ms / hourMs);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

const textOf = (lines: readonly string[]): string => plain(`${lines.join('\n')}\n`);
