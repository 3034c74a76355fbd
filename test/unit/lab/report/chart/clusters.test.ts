import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { clusters } from '#lab/report/chart/clusters.ts';

const at = (...heights: number[]) => heights.map((height) => ({ at: height }));
const sizes = (...heights: number[]) =>
  clusters(at(...heights), 15, 3, 300).map(({ members }) => members.length);

test('clusters leave labels that are far enough apart alone', () => {
  expect(sizes(0, 100, 116)).toEqual([1, 1, 1]);
});

test('clusters put labels closer than a row together', () => {
  expect(sizes(100, 110, 200)).toEqual([2, 1]);
});

test('clusters join a neighbour that their second row reaches', () => {
  expect(sizes(100, 100, 100, 100, 122)).toEqual([5]);
});

test.prop([fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 30 })])(
  'clusters never overlap and keep every label',
  (heights) => {
    const found = clusters(at(...heights), 15, 3, 300);
    expect(found.flatMap(({ members }) => members)).toHaveLength(heights.length);
    for (const [i, cluster] of found.slice(1).entries()) {
      const above = found[i]!;
      const bottom = above.topPx + Math.ceil(above.members.length / 3) * 15;
      expect(cluster.topPx).toBeGreaterThanOrEqual(bottom - 1e-9);
    }
  },
);
