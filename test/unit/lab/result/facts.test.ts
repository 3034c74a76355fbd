import { expect, test } from 'vitest';
import {
  brokenShare,
  commonDeadlines,
  completedShare,
  measuredVariants,
  peak,
  roundDeadlines,
  saturated,
  shareOf,
} from '#lab/result/facts.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { alter, makeResult, outcomesOf } from '#test/fixtures/result.ts';

const [first] = makeResult({ variants: 1, points: 3 }).variants as [VariantResult];
const curve = (...points: [number, number][]): VariantResult => ({
  ...first,
  goodputByDeadline: points.map(([deadlineMs, goodput]) => ({ deadlineMs, goodput })),
});

test('shares are parts of what was offered, 0 when nothing was', () => {
  const variant = {
    ...first,
    offered: 10,
    outcomes: outcomesOf({ ok: 4, late: 1, failed: 2, timeout: 1, dead: 1, rejected: 1 }),
  };
  expect([shareOf(variant, 'rejected'), completedShare(variant), brokenShare(variant)]).toEqual([
    0.1, 0.5, 0.4,
  ]);
  expect(shareOf({ ...variant, offered: 0 }, 'ok')).toBe(0);
  expect(brokenShare({ ...variant, offered: 0 })).toBe(0);
});

test('measuredVariants leaves out those without a request', () => {
  const result = alter(makeResult({ variants: 2 }), 'rpc-guarded', { offered: 0 });
  expect(measuredVariants(result).map(({ name }) => name)).toEqual(['rpc-retries-bulkhead-40']);
});

test('peak skips what was not sampled, and is null when nothing was', () => {
  const series = { ...first.series, backlog: [null, 3, 2] };
  expect(peak({ ...first, series }, 'backlog')).toBe(3);
  expect(peak({ ...first, series: { ...series, backlog: [null, null, null] } }, 'backlog')).toBeNull();
});

test('commonDeadlines are those of every curve', () => {
  expect(commonDeadlines([curve([100, 0], [200, 0], [300, 0]), curve([100, 0], [300, 0])])).toEqual([
    100, 300,
  ]);
  expect(commonDeadlines([])).toEqual([]);
});

test('roundDeadlines keeps 1, 2, 2.5 and 5 times powers of ten from a twentieth of the own one on, and that', () => {
  const result = makeResult({ variants: 1 });
  const variant = curve(
    [50, 0],
    [100, 0],
    [121, 0],
    [250, 0],
    [261, 0],
    [1000, 0],
    [2000, 0],
    [3100, 0],
    [60_000, 0],
  );
  const altered = alter(result, first.name, variant);
  expect(roundDeadlines(altered)).toEqual([100, 250, 1000, 2000]);
  expect(roundDeadlines({ ...altered, experiment: { ...result.experiment, deadlineMs: 3100 } })).toContain(
    3100,
  );
});

test('saturated names the processes that were', () => {
  const names = makeResult().variants.map((variant) => saturated(variant).map(({ name }) => name));
  expect(names.flat()).toEqual(['gateway']);
});
