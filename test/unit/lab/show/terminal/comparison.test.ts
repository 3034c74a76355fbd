import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { changesBetween } from '#lab/judge/statistics/change.ts';
import { differences, renderComparison } from '#lab/show/terminal/comparison.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const before = makeResult({ variants: 1 });
const invalid = makeResult({ variants: 1, status: 'invalid' });

const compared = (a: Result, b: Result, margin?: number, width = 130): string =>
  renderComparison(a, b, { colour: false, width }, { changes: changesBetween(a, b, margin), margin });
const rows = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '));

test('renderComparison of single runs lists the changed figures, and counts the others', () => {
  const lines = rows(compared(before, alter(before, 'rpc-guarded', { goodput: 0.5 })));
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines.slice(at, at + 3)).toEqual([
    'variant  before  after  difference',
    'rpc-guarded',
    '  goodput  17 %  50 %  +33 points',
  ]);
  expect(lines.some((line) => /^\d+ figures had no difference\.$/.test(line))).toBe(true);
  const collapsed = { goodput: 0.1, outcomes: { ...before.variants[0]!.outcomes, failed: 2000 } };
  expect(rows(compared(alter(before, 'rpc-guarded', collapsed), before))).toContain(
    '  collapsed  yes  no  –',
  );
});

test('renderComparison has both verdicts with their reasons, and what became of each hypothesis', () => {
  const text = 'goodput(rpc-guarded) > 0.1';
  const held = { text, ok: true, left: 0.17, right: 0.1 };
  const after = [
    { text, ok: false, left: 0.05, right: 0.1 },
    { ...held, text: 'ok(rpc-guarded) > 1' },
  ];
  const shown = compared({ ...before, hypotheses: [held] }, { ...before, hypotheses: after });
  expect(shown).toMatch(
    /> 0.1\n {2}before {2}✓ 17 %, needs > 10 %\n {2}after {3}✗ 5 %, needs > 10 %\nok\(.*> 1\n {2}after {3}✓/,
  );
  const open = { ...held, ok: null, reason: 'failed check: lag' };
  const doubtful = compared({ ...before, hypotheses: [held] }, { ...invalid, hypotheses: [open] });
  expect(doubtful).toMatch(
    /^before {2}✓ Held: .*\nafter {3}⚠ Invalid: .*\n +- send lag p99 in rpc-guarded.*\n(?: +.*\n)* +- Run it again/m,
  );
  expect(doubtful).toMatch(/\n {2}after {3}– failed check: lag/);
});

test('renderComparison has the label of each side above its verdict', () => {
  const shown = compared({ ...before, label: 'old' }, { ...before, label: 'new pool' });
  expect(shown).toMatch(/^before {2}old\n +✓ Held: .*\n(?: {8}.*\n)*after {3}new pool\n/m);
});

test.each([130, 80, 45])('renderComparison keeps within %i columns, but for commands', (width) => {
  const experiment = { ...invalid.experiment, name: '02', title: 'Another', seed: 8 };
  const after = alter({ ...makeResult({ status: 'invalid' }), experiment }, 'events-8', { goodput: 0.5 });
  const text = compared(makeResult({ status: 'failed' }), after, undefined, width);
  expect(text).toMatch(/^A burst, nine ways\nAnother\n/);
  const lines = text.split('\n').filter((line) => !line.includes('`'));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
});

const repeated = (...goodputs: number[]): Result =>
  overRounds(
    goodputs.map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 })),
    { command: '', durationMs: 0 },
  );
const [earlier, later] = [repeated(0.9, 0.8, 0.84, 0.9), repeated(0.7, 0.6, 0.62, 0.72)];

test('renderComparison of rounds has intervals and verdicts, and leaves out what never happened', () => {
  const lines = rows(compared(earlier, later));
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines.slice(at, at + 3)).toEqual([
    'variant  before  after  difference  interval  verdict',
    'plain',
    '  goodput  86 %  66 %  -20 points  -23 to -17 points  worse',
  ]);
  expect(lines.join('\n')).toMatch(/^\d+ figures show no difference\.$/m);
  expect(lines.join()).not.toContain('wasted');
});

test('renderComparison with a margin names what is worse by more', () => {
  expect(compared(earlier, later, 0.05)).toMatch(/✗ .* more than 5 %: goodput\(plain\), errors\(plain\)/);
  expect(compared(later, earlier, 0.05)).toMatch(/✓ No figure .* more than 5 %/);
});

test('renderComparison of rounds has the cause of a change instead of a verdict', () => {
  const faster = (result: Result): Result => ({
    ...result,
    figures: result.figures.map((figure) => ({ ...figure, ...(figure.metric === 'p99' && { value: 450 }) })),
  });
  const text = compared(earlier, faster(later), 0.05);
  expect(rows(text)).toContain('  p99  454 ms  450 ms  -4 ms  -4 ms  less done');
});

test('renderComparison of rounds with a single run has no verdicts, and says why', () => {
  const text = compared(earlier, makeRound(7, { plain: 0.1, guarded: 0.95 }));
  expect(rows(text)).toContain('  goodput  86 %  10 %  -76 points  –  –');
  expect(text).toContain('use --repeat on both sides');
});

test('renderComparison of rounds keeps the difference where the window is narrow', () => {
  const text = compared(earlier, later, 0.05, 40);
  expect(rows(text)).toContain('variant  difference  verdict');
  expect(text.replaceAll('\n', ' ')).toContain('No room for before, after, interval');
});

const experimentWith = (change: Partial<Result['experiment']>): Result => ({
  ...before,
  experiment: { ...before.experiment, ...change },
});

test.each<[string, Result, string[]]>([
  ['nothing', before, []],
  ['the experiment', experimentWith({ name: '02' }), ['Another experiment: 01-burst before, 02 after.']],
  ['its text', experimentWith({ source: 'title: x' }), ['edited between the runs']],
  ['the seed', experimentWith({ seed: 8 }), ['Another seed: 7 before, 8 after']],
  ['a control', { ...before, withoutFaults: true }, ['a control']],
  ['a simulation', { ...before, simulated: true }, ['run on sockets before, simulated']],
  ['slow motion', { ...before, slowMotion: { asked: 4, factor: 4 } }, ['slow motion: 1 before, 4 after, ']],
  ['options, but no seed', alter(before, 'rpc-guarded', { config: { a: 1, seed: 3 } }), ['configuration: ']],
  [
    'other variants',
    alter(before, 'rpc-guarded', { name: 'other' }),
    ['No variant is in both runs, so nothing is compared.'],
  ],
])('differences names %s', (_what, after, sentences) => {
  const found = differences(before, after);
  expect(found).toEqual(sentences.map((text) => expect.stringContaining(text)));
  expect(found.join()).not.toMatch(/configuration:.*seed/);
});

test('differences of rounds names their number, and variants that only one side has', () => {
  const two = makeResult({ variants: 2 });
  const other = alter(two, 'rpc-guarded', { name: 'other' });
  const rounds = (n: number, result: Result) =>
    overRounds(Array(n).fill(result), { command: '', durationMs: 0 });
  expect(differences(rounds(2, other), rounds(3, two))).toEqual([
    expect.stringContaining('rounds: 2 before, 3 after'),
    expect.stringMatching(/^Only before.*: other\.$/),
    expect.stringMatching(/^Only after.*: rpc-guarded\.$/),
  ]);
});
