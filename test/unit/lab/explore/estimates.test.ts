import { expect, test } from 'vitest';
import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { allHold, estimate } from '#lab/explore/estimates.ts';
import type { Sample } from '#lab/explore/sample.ts';

const sample = (goodput: number, isHeld: boolean | null, metastable: boolean | null = null): Sample => {
  const figure = (metric: MetricName, value: number) => ({
    ...{ variant: 'calls', source: 'measured' as const, metric, value },
    ...(metric === 'goodput' && { n: 100 }),
  });
  return {
    figures: [
      figure('offered', 100),
      figure('goodput', goodput),
      figure('collapsed', Number(goodput < 0.2)),
      ...(metastable === null ? [] : [figure('metastable', Number(metastable))]),
      { ...figure('goodput', 0), window: 'after x' },
    ],
    hypotheses: [
      { ok: isHeld, left: goodput },
      { ok: true, left: 1 },
    ],
  };
};

test('estimate has the mean with its interval, and the shares of the seeds', () => {
  const samples = [sample(0.1, false, true), sample(0.9, true, false), sample(0.8, true, false)];
  const { figures, hypotheses, holds, ...counts } = estimate([7], samples);
  expect(counts).toEqual({ values: [7], seeds: 3, valid: 3, problems: [] });
  const of = (metric: MetricName) => figureAt(figures, { variant: 'calls', metric });
  expect(of('goodput')).toMatchObject({ value: expect.closeTo(0.6), low: 0, n: 3 });
  expect(of('p99')).toBeUndefined();
  expect([of('collapsed'), of('metastable')]).toMatchObject([{ value: 1 / 3 }, { value: 1 / 3 }]);
  expect(hypotheses.map((each) => each!.value)).toEqual([2 / 3, 1]);
  expect(holds).toMatchObject({ value: 2 / 3, n: 3 });
  expect(figures.every(({ window }) => window === undefined)).toBe(true);
});

test('estimate leaves out simulations with a problem, and says it once', () => {
  const failed = { ...sample(0, null), problem: 'it died' };
  const point = estimate([7], [sample(0.8, true), failed, failed]);
  expect(point).toMatchObject({ seeds: 3, valid: 1, problems: ['it died'], holds: null });
  const goodput = figureAt(point.figures, { variant: 'calls', metric: 'goodput' });
  expect([goodput?.value, goodput?.low]).toEqual([0.8, undefined]);
});

test.each([
  [[], null],
  [[true, true], true],
  [[true, null], null], // the one without a verdict does not count as held
  [[null, false], false],
])('allHold of the verdicts %o is %o', (verdicts, expected) => {
  expect(allHold({ hypotheses: verdicts.map((ok) => ({ ok, left: 1 })) })).toBe(expected);
});
