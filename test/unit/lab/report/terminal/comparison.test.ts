import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { changesBetween } from '#lab/analysis/statistics/change.ts';
import { renderComparison } from '#lab/report/terminal/comparison.ts';
import type { Result } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const before = makeResult({ variants: 1 });
const invalid = makeResult({ variants: 1, status: 'invalid' });

const compared = (a: Result, b: Result, margin?: number, width = 130): string =>
  renderComparison(a, b, { colour: false, width }, { changes: changesBetween(a, b, margin), margin });
const rows = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '));

test('renderComparison shows the figures of single runs that changed, and counts the others', () => {
  const lines = rows(compared(before, alter(before, 'rpc-guarded', { goodput: 0.5 })));
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines.slice(at, at + 3)).toEqual([
    'variant  before  after  difference',
    'rpc-guarded',
    '  goodput  17 %  50 %  +33 points',
  ]);
  expect(lines.some((line) => /^\d+ figures had no difference\.$/.test(line))).toBe(true);
});

test('renderComparison says whether a variant of a single run collapsed', () => {
  const collapsed = { goodput: 0.1, outcomes: { ...before.variants[0]!.outcomes, failed: 2000 } };
  const lines = rows(compared(alter(before, 'rpc-guarded', collapsed), before));
  expect(lines).toContain('  collapsed  yes  no  –');
});

test('renderComparison names a variant that only one run has', () => {
  const text = compared(before, alter(before, 'rpc-guarded', { name: 'other' }));
  expect(text).toContain('No variant is in both runs');
});

test('renderComparison shows both verdicts, and why a measurement was invalid', () => {
  const text = compared(before, invalid);
  expect(text).toMatch(/^before {2}✓ Held: .*\nafter {3}⚠ Invalid: .*\n +- send lag p99 in rpc-guarded/m);
});

test('renderComparison shows what became of each hypothesis, also of one that only one run has', () => {
  const text = 'goodput(rpc-guarded) > 0.1';
  const hypotheses = [{ text, ok: true, left: 0.17, right: 0.1 }];
  const after = [
    { text, ok: false, left: 0.05, right: 0.1 },
    { ...hypotheses[0]!, text: 'ok(rpc-guarded) > 1' },
  ];
  expect(compared({ ...before, hypotheses }, { ...before, hypotheses: after })).toMatch(
    /> 0.1\n {2}before {2}✓ 17 % against 10 %\n {2}after {3}✗ 5 % against 10 %\nok\(.*> 1\n {2}after {3}✓/,
  );
});

test("renderComparison shows an invalid run's hypotheses for information, without a verdict", () => {
  const text = 'goodput(rpc-guarded) > 0.1';
  const hypotheses = [{ text, ok: true, left: 0.17, right: 0.1 }];
  expect(compared({ ...before, hypotheses }, { ...invalid, hypotheses })).toMatch(
    /> 0.1\n {2}before {2}✓ 17 % against 10 %\n {2}after {3}– 17 % against 10 % \(for information: the run is invalid\)$/m,
  );
});

test('renderComparison warns of runs that are not of the same experiment, and shows both titles', () => {
  const experiment = { ...before.experiment, name: '02', title: 'Another', seed: 8 };
  const text = compared(before, { ...before, experiment });
  expect(text).toMatch(/^A burst, nine ways\nAnother\n/);
  expect(text).toContain('⚠ Another experiment: 01-burst before, 02 after.\n⚠ Another seed: 7');
});

test.each([130, 80, 60, 45])('renderComparison keeps within %i columns', (width) => {
  const experiment = { ...invalid.experiment, seed: 8 };
  const after = alter({ ...makeResult({ status: 'invalid' }), experiment }, 'events-8', { goodput: 0.5 });
  const text = compared(makeResult({ status: 'failed' }), after, undefined, width);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
});

test('renderComparison of runs without a variant shows their verdicts', () => {
  const none = makeResult({ variants: 0, status: 'interrupted' });
  expect(compared(none, none)).toMatch(/^before {2}⚠ Interrupted: .*\nafter {3}⚠ Interrupted/m);
});

const repeated = (...goodputs: number[]): Result =>
  overRounds(
    goodputs.map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 })),
    { command: '', durationMs: 0 },
  );
const [earlier, later] = [repeated(0.9, 0.8, 0.84, 0.9), repeated(0.7, 0.6, 0.62, 0.72)];

test('renderComparison of rounds says of each figure what has changed, but not of what never happened', () => {
  const lines = rows(compared(earlier, later));
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines.slice(at, at + 3)).toEqual([
    'variant  before  after  difference  interval  verdict',
    'plain',
    '  goodput  86 %  66 %  -20 points  -23 to -17 points  worse',
  ]);
  expect(lines.join('\n')).toMatch(/^\d+ figures show no difference\.$/m);
  expect(lines.join()).not.toContain('  p99  ');
  expect(lines.join()).not.toContain('wasted');
  expect(lines.join()).not.toContain('worse by more than');
});

test('renderComparison of rounds with a margin says what is worse by more', () => {
  expect(compared(earlier, later, 0.05)).toContain(
    '✗ Significantly worse by more than 5 %: goodput(plain), errors(plain)',
  );
  expect(compared(later, earlier, 0.05)).toContain('✓ No figure is significantly worse by more than 5 %');
});

test('renderComparison of rounds shows the cause of a change instead of a verdict', () => {
  const faster = (result: Result): Result => ({
    ...result,
    rounds: result.rounds!.map((round) => ({
      ...round,
      variants: round.variants.map((each) => ({ ...each, values: { ...each.values, p99: 450 } })),
    })),
  });
  const text = compared(earlier, faster(later), 0.05);
  expect(rows(text)).toContain('  p99  454 ms  450 ms  -4 ms  -4 ms  less done');
  expect(text).toContain('Instead of a verdict: the cause');
  expect(compared(earlier, later)).not.toContain('Instead of a verdict');
});

test('renderComparison of rounds with a single run has no verdict on its figures, and says why', () => {
  const text = compared(earlier, makeRound(7, { plain: 0.1, guarded: 0.95 }));
  expect(rows(text)).toContain('  goodput  86 %  10 %  -76 points  –  –');
  expect(rows(text)).toContain('  collapsed  0 %  100 %  +100 points  –  –');
  expect(text).not.toContain('95 % interval');
  expect(text).toContain('A single run has no interval: use --repeat on both sides');
});

test.each([
  [70, 'before  after  difference  interval  verdict', ''],
  [50, 'difference  interval  verdict', 'before, after'],
  [40, 'difference  verdict', 'before, after, interval'],
])(
  'renderComparison of rounds keeps the difference on %i columns, and names those that are left out',
  (width, heads, missing) => {
    const text = compared(earlier, later, 0.05, width);
    const [head = ''] = rows(text).filter((line) => line.startsWith('variant'));
    expect(head).toBe(`variant  ${heads}`);
    const note = missing === '' ? undefined : `No room for ${missing}: use a wider window.`;
    expect(/No room for .*/.exec(text.replaceAll('\n', ' '))?.[0].slice(0, note?.length)).toBe(note);
  },
);

test.each([100, 70, 50])('renderComparison of rounds keeps within %i columns', (width) => {
  const longest = Math.max(
    ...compared(earlier, later, 0.05, width)
      .split('\n')
      .map(({ length }) => length),
  );
  expect(longest).toBeLessThanOrEqual(width);
});
