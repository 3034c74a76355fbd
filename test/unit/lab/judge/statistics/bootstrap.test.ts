import { expect, test } from 'vitest';
import { stream } from '#kit/random.ts';
import {
  apart,
  bootstrapMean,
  normalCdf,
  pairedDifference,
  t95,
  wilson,
} from '#lab/judge/statistics/bootstrap.ts';

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

/** Draws from an approximately normal distribution: the sum of twelve uniform draws. */
const normal = (random: () => number) =>
  Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);

test.each([2, 3, 4, 6])('bootstrapMean holds the mean of %d normal draws in 19 of 20 samples', (length) => {
  const random = stream(1, 'samples');
  const intervals = Array.from({ length: 100 }, () =>
    bootstrapMean(Array.from({ length }, () => normal(random))),
  );
  const share = intervals.filter(({ low, high }) => low <= 0 && 0 <= high).length / intervals.length;
  expect(share).toBeGreaterThan(0.92);
  expect(share).toBeLessThan(0.98);
});

test.each([
  [-2.5758, 0.005],
  [-1.959964, 0.025],
  [0, 0.5],
  [1, 0.8413447],
  [1.644854, 0.95],
])('normalCdf(%d) is as in the tables', (z, p) => expect(normalCdf(z)).toBeCloseTo(p, 6));

test.each([
  [1, 12.7062],
  [2, 4.3027],
  [3, 3.1824],
  [4, 2.7764],
  [9, 2.2622],
  [29, 2.0452],
  [1000, 1.9623],
])('t95(%d) is within 1 %% of the tables', (freedom, t) => {
  expect(Math.abs(t95(freedom) / t - 1)).toBeLessThan(0.01);
});

const before = new Map([10, 20, 30, 40, 50].map((value, seed) => [seed, value]));
const after = new Map([12, 21, 32, 41, 52].map((value, seed) => [seed, value]));

test('pairedDifference sees past what the seeds have in common', () => {
  const { value, low, high } = pairedDifference(after, before)!;
  expect(value).toBeCloseTo(1.6);
  expect([low, high]).toEqual([1, 2]);
});

test('pairedDifference pairs by seed, regardless of the order, and leaves out seeds that one side lacks', () => {
  const some = new Map([
    [4, 53],
    [9, 1000],
    [1, 23],
  ]);
  expect(pairedDifference(some, before)).toEqual({ value: 3, low: 3, high: 3 });
});

test('pairedDifference is null if a seed has no value: the others would be a biased selection', () => {
  expect(pairedDifference(new Map([...after, [2, null]]), before)).toBeNull();
});

test('pairedDifference of nothing in common is null', () => {
  expect(pairedDifference(new Map([[9, 1]]), before)).toBeNull();
});

// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
  [10, 10, 0.7225, 1],
])('wilson of %d of %d is as published', (count, of, low, high) => {
  const found = wilson(count, of);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});

// Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, method 10.
test.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
  [6, 7, 2, 7, 0.0582, 0.8062],
  [5, 56, 0, 29, -0.0381, 0.1926],
  [0, 10, 0, 20, -0.1611, 0.2775],
  [10, 10, 0, 20, 0.6791, 1],
])('apart of the intervals of %d/%d and %d/%d is as published', (a, n, b, m, low, high) => {
  const found = apart(wilson(a, n), wilson(b, m));
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});
