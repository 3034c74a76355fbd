import { ageMs, type DeadLetter } from '#kit/broker/dead-letter.ts';
import { cut } from '#kit/schema/shorten.ts';
import { count, duration, none, plain, plural } from '#lab/kit/text/format.ts';
import { printable } from '#lab/kit/text/printable.ts';
import { alignedRows } from '#lab/show/terminal/paper.ts';

const heads = ['letter', 'event', 'reason', 'attempts', 'redrives', 'dead for', 'errors, first and last'];

/** Formats a line for each dead letter, cut to the terminal's width, and a line with the counts by reason. */
export function renderDeadLetters(
  letters: readonly DeadLetter[],
  now: Date,
  { isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
): string {
  const rows = alignedRows([heads, ...letters.map((letter) => cellsOf(letter, now))]);
  const lines = rows.flat().map((line) => (isTTY ? cut(line, columns) : line));
  return plain([...lines, '', summary(letters), ''].join('\n'));
}

/** Says that no dead letter of so many matches. */
export function renderNone(total: number): string {
  if (total === 0) return 'No dead letters.\n';
  if (total === 1) return 'The only dead letter does not match.\n';
  return plain(`None of the ${plural(total, 'dead letter')} matches.\n`);
}

function cellsOf(letter: DeadLetter, now: Date): string[] {
  const { sequence, id, reason, attempts, redrives, firstError, lastError } = letter;
  const errors = [...new Set([firstError, lastError])].join(' → ');
  const counts = [count(attempts), count(redrives)];
  return [String(sequence), id, reason || none, ...counts, age(letter, now), errors].map(printable);
}

function summary(letters: readonly DeadLetter[]): string {
  const reasons = Object.entries(Object.groupBy(letters, ({ reason }) => reason || 'no reason'));
  const parts = reasons.map(([reason, those = []]) => `${count(those.length)} ${printable(reason)}`);
  return `${plural(letters.length, 'dead letter')}: ${parts.join(', ')}`;
}

const hourMs = 3_600_000;

function age(letter: DeadLetter, now: Date): string {
  const ms = ageMs(letter, now);
  if (ms < 2 * hourMs) return duration(Math.round(ms / 1000) * 1000);
  const hours = Math.floor(ms / hourMs);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
