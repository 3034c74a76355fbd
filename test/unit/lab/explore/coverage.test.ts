import { expect, test } from 'vitest';
import { coverageOf } from '#lab/explore/coverage.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

/** Describes the coverage of a sweep with 3 seeds, of which its points have so many. */
function coverage(...seeds: number[]): string | undefined {
  const sweep = sweepOf({ a: seeds.map((_, index) => index) }, () => ({}));
  const points = sweep.points.map((point, index) => ({ ...point, seeds: seeds[index]! }));
  return coverageOf({ points, seeds: 3 })?.replaceAll('\u00a0', ' ');
}

test.each([
  [[3, 3], undefined],
  [[3, 2, 1, 1, 2, 3], '4 of 6 points have 1 to 2 of 3 seeds'],
  [[3, 2], '1 of 2 points has 2 of 3 seeds'],
  [[3, 0, 0], '2 of 3 points have none of 3 seeds'],
  [[2, 1, 0], '2 of 3 points have 1 to 2 of 3 seeds, 1 has none'],
])('coverageOf %j is %s', (seeds, expected) => {
  expect(coverage(...seeds)).toBe(expected);
});
