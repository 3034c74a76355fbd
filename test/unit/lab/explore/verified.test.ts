import { expect, test } from 'vitest';
import { verifiedOf } from '#lab/explore/verified.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

const text = 'goodput(calls) > 0.5';

function checksOf(holds: number, ok: boolean | null, metastable: number | null = null) {
  const [point] = sweepOf({ 'load*': [1] }, () => ({ holds, metastable })).points;
  const result = { ...makeResult(), hypotheses: [{ text, ok, left: 1, right: 0 }] };
  return verifiedOf(point!, result, 'runs/x');
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
  const [point] = sweepOf({ 'load*': [1] }, () => ({ holds: 1, metastable: 1 })).points;
  const named = { ...point!, variants: point!.variants.map((each) => ({ ...each, name: 'rpc-guarded' })) };
  const windows = [
    { name: 'after x', recovery: { metastable: true } },
  ] as unknown as VariantResult['windows'];
  const measured = (result: Result) =>
    verifiedOf(named, alter(result, 'rpc-guarded', { windows }), '').checks[0]!.measured;
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
