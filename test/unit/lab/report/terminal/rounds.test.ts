import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { renderTable } from '#lab/report/terminal/table.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const rounds = [0.9, 0.1, 0.8].map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 }));
const text = renderTable(overRounds(rounds, { command: '', durationMs: 0 }), { colour: false, width: 90 });

test('renderTable shows of rounds the means, and below them their intervals', () => {
  const lines = text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  ').trim());
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines.slice(at, at + 3)).toEqual([
    'variant  goodput  collapsed  attempts  p50  p99',
    'plain  60 %  1 of 3  0.233/req  209 ms  454 ms',
    '0 % to 100 %  6.1 % to 79 %  0.233  209 ms  454 ms',
  ]);
  expect(text).toContain('Means over 3 rounds, and below them their 95 % intervals; a claim wants 10 rounds');
});
