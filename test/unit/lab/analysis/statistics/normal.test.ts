import { expect, test } from 'vitest';
import { normalCdf, t95 } from '#lab/analysis/statistics/normal.ts';

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
