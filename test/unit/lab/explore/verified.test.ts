import { expect, test } from 'vitest';
import { verifiedOf } from '#lab/explore/verified.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

const text = 'goodput(calls) > 0.5';

function checksOf(holds: number, ok: boolean | null, metastable: number | null = null) {
  const sweep = sweepOf({ 'load*': [1] }, () => ({ holds, metastable }));
  const result = { ...makeResult(), hypotheses: [{ text, ok, left: 1, right: 0 }] };
  return verifiedOf(sweep, sweep.points[0]!, result, 'runs/x');
}

test.each([
  [1, true, true],
  [1, false, false],
  [0, false, true],
  [0.5, true, true], // both outcomes are possible
  [0.5, false, true],
  [0.05, true, true],
  [0.04, true, false],
  [0.96, false, false],
])('verifiedOf: holding in %d of the seeds, and %o on sockets, agrees: %o', (holds, ok, agrees) => {
  const verified = checksOf(holds, ok);
  expect(verified.checks.at(-1)).toEqual({ what: text, measured: ok, probability: holds, agrees });
  expect(verified.agrees).toBe(agrees);
});

test('verifiedOf leaves open what was measured of a variant that was disturbed', () => {
  const sweep = { ...sweepOf({ 'load*': [1] }, () => ({ holds: 1 })), variants: ['rpc-guarded'] };
  const place = { variant: 'rpc-guarded', source: 'measured' as const };
  const measured = (result: Result) => {
    const figures = [...result.figures, { ...place, metric: 'metastable', value: 1 }];
    return verifiedOf(sweep, sweep.points[0]!, { ...result, figures }, '').checks[0]!.measured;
  };
  expect(measured(makeResult())).toBe(true);
  expect(measured(makeResult({ status: 'invalid' }))).toBeNull();
});

test('verifiedOf leaves open what is unknown on either side', () => {
  expect(checksOf(1, null)).toMatchObject({ agrees: null, folder: 'runs/x', values: [1] });
  expect(checksOf(1, true, 1).checks[0]).toEqual({
    what: 'metastable(calls)',
    measured: null,
    probability: 1,
    agrees: null,
  });
});
