import { expect, test } from 'vitest';
import { renderComparison } from '#lab/report/terminal/comparison.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const plain = { colour: false, width: 130 };
const before = makeResult({ variants: 1 });
const invalid = makeResult({ variants: 1, status: 'invalid' });

test("renderComparison puts a variant's figures below each other", () => {
  const after = alter(before, 'rpc-guarded', { goodput: 0.5 });
  expect(renderComparison(before, after, plain)).toMatch(
    /^variant +goodput.*\nrpc-guarded\n {2}before +17 % .*\n {2}after +50 % .*$/m,
  );
});

test('renderComparison shows a variant that only one run has under that run', () => {
  const lines = renderComparison(before, alter(before, 'rpc-guarded', { name: 'other' }), plain).split('\n');
  const at = lines.indexOf('rpc-guarded');
  expect(lines.slice(at, at + 4).map((line) => line.trim().split(' ')[0])).toEqual([
    'rpc-guarded',
    'before',
    'other',
    'after',
  ]);
});

test('renderComparison shows both verdicts, and why a measurement was invalid', () => {
  const text = renderComparison(before, invalid, plain);
  expect(text).toMatch(/^before {2}✓ Held: .*\nafter {3}⚠ Invalid: .*\n +- send lag p99 in rpc-guarded/m);
});

test('renderComparison shows what became of each hypothesis, also of one that only one run has', () => {
  const text = 'goodput(rpc-guarded) > 0.1';
  const hypotheses = [{ text, ok: true, left: 0.17, right: 0.1 }];
  const after = [
    { text, ok: false, left: 0.05, right: 0.1 },
    { ...hypotheses[0]!, text: 'ok(rpc-guarded) > 1' },
  ];
  expect(renderComparison({ ...before, hypotheses }, { ...before, hypotheses: after }, plain)).toMatch(
    /> 0.1\n {2}before {2}✓ 17 % against 10 %\n {2}after {3}✗ 5 % against 10 %\nok\(.*> 1\n {2}after {3}✓/,
  );
});

test("renderComparison shows an invalid run's hypotheses for information", () => {
  const text = 'goodput(rpc-guarded) > 0.1';
  const hypotheses = [{ text, ok: true, left: 0.17, right: 0.1 }];
  expect(renderComparison({ ...before, hypotheses }, { ...invalid, hypotheses }, plain)).toMatch(
    /> 0.1\n {2}before {2}✓ 17 % against 10 %\n {2}after {3}✓ 17 % against 10 % \(for information: the run is invalid\)$/m,
  );
});

test('renderComparison warns of runs that are not of the same experiment, and shows both titles', () => {
  const experiment = { ...before.experiment, name: '02', title: 'Another', seed: 8 };
  const text = renderComparison(before, { ...before, experiment }, plain);
  expect(text).toMatch(/^A burst, nine ways\nAnother\n/);
  expect(text).toContain('⚠ Another experiment: 01-burst before, 02 after.\n⚠ Another seed: 7');
});

test.each([130, 80, 60, 45])(
  'renderComparison keeps within %i columns, and says when there is more',
  (width) => {
    const experiment = { ...invalid.experiment, seed: 8 };
    const text = renderComparison(
      makeResult({ status: 'failed' }),
      { ...makeResult({ status: 'invalid' }), experiment },
      { colour: false, width },
    );
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(text.includes('A wider terminal shows more columns.')).toBe(width < 100);
  },
);

test('renderComparison of runs without a variant shows their verdicts', () => {
  const none = makeResult({ variants: 0, status: 'interrupted' });
  expect(renderComparison(none, none, plain)).toMatch(
    /^before {2}⚠ Interrupted: .*\nafter {3}⚠ Interrupted/m,
  );
});
