import { expect, test } from 'vitest';
import { stream } from '#kit/random.ts';
import { bootstrapDifference, bootstrapMean } from '#lab/analysis/statistics/bootstrap.ts';

test('bootstrapMean of the same values is the same', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
  expect(bootstrapMean(values)).toEqual(bootstrapMean(values));
});

test('bootstrapMean of runs that don’t differ has no width', () => {
  expect(bootstrapMean([0.5, 0.5, 0.5, 0.5])).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
});

test('bootstrapMean of few runs has Student’s interval: they show less than there may be', () => {
  const { value, low, high } = bootstrapMean([1, 2, 6]);
  const half = 4.3027 * (2.6458 / Math.sqrt(3)); // t · s/√n
  expect(value).toBe(3);
  expect(Math.abs((high - 3) / half - 1)).toBeLessThan(0.02);
  expect(3 - low).toBeCloseTo(high - 3, 6);
});

test('bootstrapMean of one run has no bounds', () => {
  expect(bootstrapMean([7])).toEqual({ value: 7, low: Number.NaN, high: Number.NaN });
});

/** Normal by the central limit. */
const normal = (random: () => number) =>
  Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);

test.each([2, 3, 4, 6])('bootstrapMean holds the mean of %d normal draws in 19 of 20 samples', (length) => {
  const random = stream(1, 'samples');
  const intervals = Array.from({ length: 200 }, () =>
    bootstrapMean(Array.from({ length }, () => normal(random))),
  );
  const share = intervals.filter(({ low, high }) => low <= 0 && 0 <= high).length / intervals.length;
  expect(share).toBeGreaterThan(0.92);
  expect(share).toBeLessThan(0.98);
});

test('bootstrapDifference of independent runs is wider than either mean’s interval, and their difference', () => {
  const [after, before] = [
    [11, 13, 12, 15, 14],
    [2, 1, 3, 2, 2],
  ];
  const { value, low, high } = bootstrapDifference(after!, before!);
  const width = ({ low, high }: { low: number; high: number }) => high - low;
  expect(value).toBe(11);
  expect(low).toBeGreaterThan(8);
  expect(high).toBeLessThan(14);
  expect(high - low).toBeGreaterThan(width(bootstrapMean(after!)));
});
