import { expect, test } from 'vitest';
import type { Sample } from '#lab/conduct/sample.ts';
import { allHold, estimate, metastableIn } from '#lab/explore/estimates.ts';
import type { Recovery, Round } from '#lab/result/result.ts';

/** Recovery with a verdict on metastable, or one that is still under way. */
const recovery = (verdict: boolean | null | 'under way'): Recovery => ({
  timeMs: null,
  reported: true,
  atLeastMs: 1000,
  watchedMs: 9000,
  lostGoodput: 10,
  metastable: verdict === 'under way' ? null : verdict,
  ...(verdict === 'under way' && { leftMs: 5000 }),
});

let seeds = 0;

const round = (goodput: number | null, ...metastable: (boolean | null | 'under way')[]): Round => ({
  seed: ++seeds,
  status: 'measured',
  variants: [
    {
      name: 'calls',
      values: { goodput },
      collapsed: goodput !== null && goodput < 0.2,
      recoveries: metastable.map((each, i) => ({ window: `after ${i}`, recovery: recovery(each) })),
    },
  ],
});

const sample = (goodput: number, isHeld: boolean | null, metastable: boolean | null = null): Sample => ({
  round: round(goodput, metastable),
  hypotheses: [
    { ok: isHeld, left: goodput },
    { ok: true, left: 1 },
  ],
});

test('estimate has the mean with its interval, and the shares of the seeds', () => {
  const samples = [sample(0.1, false, true), sample(0.9, true, false), sample(0.8, true, false)];
  const { variants, hypotheses, holds, ...counts } = estimate([7], samples, ['calls']);
  expect(counts).toEqual({ values: [7], seeds: 3, valid: 3, problems: [] });
  const [calls] = variants;
  expect(calls!.metrics.goodput).toMatchObject({ value: expect.closeTo(0.6), low: 0 });
  expect(calls!.metrics.p99).toBeNull();
  expect(calls!.collapsed).toMatchObject({ count: 1, of: 3 });
  expect(calls!.metastable).toMatchObject({ count: 1, of: 3, value: 1 / 3 });
  expect(hypotheses.map((each) => each!.count)).toEqual([2, 3]);
  expect(holds).toMatchObject({ count: 2, of: 3 });
});

test('estimate leaves out simulations with a problem, and says it once', () => {
  const failed = { ...sample(0, null), problem: 'it died' };
  const point = estimate([7], [sample(0.8, true), failed, failed], ['calls']);
  expect(point).toMatchObject({ seeds: 3, valid: 1, problems: ['it died'], holds: null });
  expect(point.variants[0]!.metrics.goodput).toEqual({ value: 0.8, low: null, high: null });
});

test.each<[(boolean | null | 'under way')[], boolean | null]>([
  [[true, false], true],
  [[true, 'under way'], true],
  [[false, null], false],
  [[false, 'under way'], null],
  [[null], null],
  [[], null],
])('metastableIn of the verdicts %o is %o', (verdicts, expected) => {
  expect(metastableIn(round(0.5, ...verdicts), 'calls')).toBe(expected);
});

test('estimate has no probability if seeds of which it is unknown decide whether it is so for most', () => {
  const of = (...verdicts: (boolean | null)[]) =>
    estimate(
      [7],
      verdicts.map((each) => sample(0.5, true, each)),
      ['calls'],
    ).variants[0]!.metastable?.value;
  expect(of(null)).toBeUndefined();
  expect(of()).toBeUndefined();
  expect(of(true, null, null)).toBeUndefined();
  expect(of(true, true, null)).toBe(1);
  expect(of(false, false, null)).toBe(0);
});

test.each([
  [[], null],
  [[true, true], true],
  [[true, null], null], // the one without a verdict does not count as held
  [[null, false], false],
])('allHold of the verdicts %o is %o', (verdicts, expected) => {
  expect(allHold({ hypotheses: verdicts.map((ok) => ({ ok, left: 1 })) })).toBe(expected);
});
