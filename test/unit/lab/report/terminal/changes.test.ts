import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { changesBetween } from '#lab/analysis/statistics/change.ts';
import { renderComparison } from '#lab/report/terminal/comparison.ts';
import type { Result } from '#lab/result/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const repeated = (...goodputs: number[]): Result =>
  overRounds(
    goodputs.map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 })),
    { command: '', durationMs: 0 },
  );
const [before, after] = [repeated(0.9, 0.8, 0.84, 0.9), repeated(0.7, 0.6, 0.62, 0.72)];

const compared = (a: Result, b: Result, margin?: number, width = 100): string =>
  renderComparison(a, b, { colour: false, width }, { changes: changesBetween(a, b, margin), margin });
const rows = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '));

test('renderComparison of rounds says of each figure what has changed, but not of what never happened', () => {
  const lines = rows(compared(before, after));
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines.slice(at, at + 4)).toEqual([
    'variant  before  after  difference  interval  verdict',
    'plain',
    '  goodput  86 %  66 %  -20 points  -23 to -17 points  worse',
    '  collapsed  0 %  0 %  0 points  -49 to 49 points  no difference',
  ]);
  expect(lines).toContain('  p99  454 ms  454 ms  0 ms  0 ms  no difference');
  expect(lines.join()).not.toContain('wasted');
  expect(lines.join()).not.toContain('worse by more than');
});

test('renderComparison of rounds with a margin says what is worse by more', () => {
  expect(compared(before, after, 0.05)).toContain(
    '✗ Surely worse by more than 5 %: goodput(plain), errors(plain)',
  );
  expect(compared(after, before, 0.05)).toContain('✓ No figure is surely worse by more than 5 %');
});

test('renderComparison of rounds shows what became of the capacity that their load was scaled to', () => {
  const measured = (result: Result, perSecond: number, low: number, high: number): Result => ({
    ...result,
    capacity: { timeoutMs: 250, nominalPerSecond: 400, perSecond, low, high },
  });
  const text = compared(measured(before, 400, 395, 405), measured(before, 200, 197, 203), 0.05);
  const lines = rows(text);
  expect(lines[lines.indexOf('dependency') + 1]).toBe(
    '  capacity  400/s  200/s  -200/s  -208/s to -192/s  worse',
  );
  expect(text).toMatch(/⚠ Another capacity: 400\/s before, 200\/s after.*\n.*✗ Surely .* 5 %: capacity$/ms);
});

test('renderComparison of rounds shows what explains a change in the place of a verdict', () => {
  const faster = (result: Result): Result => ({
    ...result,
    rounds: result.rounds!.map((round) => ({
      ...round,
      variants: round.variants.map((each) => ({ ...each, values: { ...each.values, p99: 450 } })),
    })),
  });
  const text = compared(before, faster(after), 0.05);
  expect(rows(text)).toContain('  p99  454 ms  450 ms  -4 ms  -4 ms  less done');
  expect(text).toContain('In the place of a verdict stands what brings such a change about by itself');
  expect(compared(before, after)).not.toContain('In the place of a verdict');
});

test('renderComparison of rounds with a single run has no verdict on its figures, and says why', () => {
  const text = compared(before, makeRound(7, { plain: 0.1, guarded: 0.95 }));
  expect(rows(text)).toContain('  goodput  86 %  10 %  -76 points  –  –');
  expect(rows(text)).toContain('  collapsed  0 %  100 %  +100 points  –  –');
  expect(text).not.toContain('95 % interval');
  expect(text).toContain('One run shows no interval: only with --repeat on both sides');
});

test.each([100, 70, 50])('renderComparison of rounds keeps within %i columns', (width) => {
  const longest = Math.max(
    ...compared(before, after, 0.05, width)
      .split('\n')
      .map(({ length }) => length),
  );
  expect(longest).toBeLessThanOrEqual(width);
});
