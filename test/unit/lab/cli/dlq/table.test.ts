import { expect, test } from 'vitest';
import { renderDeadLetters, renderNone } from '#lab/cli/dlq/table.ts';
import { letterWith } from '#test/fixtures/letter.ts';

const now = new Date('2026-01-02T12:01:30Z');
const letters = [
  letterWith(),
  letterWith({ sequence: 12, id: 'r17', reason: 'timeout', redrives: 1, lastError: 'Error: first' }),
  letterWith({ sequence: 13, id: 'r18', reason: '', diedAt: '2025-12-20T12:00:00.000Z' }),
];

test('renderDeadLetters has a line for each and sums up the reasons', () => {
  expect(renderDeadLetters(letters, now, {} as NodeJS.WriteStream)).toBe(
    `letter  event  reason   attempts  redrives  dead for  errors, first and last
1       r1     failed   4         0         90 s      Error: first → Error: last
12      r17    timeout  4         1         90 s      Error: first
13      r18    –        4         0         13 d      Error: first → Error: last

3 dead letters: 1 failed, 1 timeout, 1 no reason
`,
  );
});

test('renderDeadLetters fits a terminal, and shows what would move its cursor', () => {
  const odd = letterWith({ id: 'r\u001b[2J', lastError: 'x'.repeat(200) });
  const text = renderDeadLetters([odd], now, { isTTY: true, columns: 60 });
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBe(60);
  expect(text).toContain('r\\u001b[2J');
});

test('renderNone says that there are none, or none of those asked for', () => {
  expect(renderNone(0)).toBe('No dead letters.\n');
  expect(renderNone(2)).toBe('None of the 2 dead letters matches.\n');
});
