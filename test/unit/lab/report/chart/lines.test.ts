import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { clusters, lineChart } from '#lab/report/chart/lines.ts';
import { keyOf } from '#lab/report/key.ts';

const line = (index: number, points: [number, number][]) => ({ key: keyOf(index), index, points });
const chart = (...lines: ReturnType<typeof line>[]) =>
  lineChart({
    label: 'a chart',
    lines,
    x: [{ at: 50, text: '1 s', spare: true }],
    y: [{ at: 100, text: '0 %' }],
    mark: null,
  }).text;

test('lineChart draws each line through its points, in its colour and dash', () => {
  const text = chart(
    line(1, [
      [0, 100],
      [50, 25],
      [100, 0],
    ]),
  );
  expect(text).toContain('class="line v2" data-variant="1"');
  expect(text).toContain('<path d="M0 100L50 25L100 0" stroke-dasharray="8 4"/>');
});

test('lineChart puts dots on few points only', () => {
  const points = (count: number) => Array.from({ length: count }, (_, i): [number, number] => [i, i]);
  expect(chart(line(0, points(12)))).toContain('M0 0h0M1 1h0');
  expect(chart(line(0, points(13)))).not.toContain('h0');
});

test('lineChart writes the letters at the ends of lines that meet beside each other', () => {
  const ends = Array.from(
    chart(line(0, [[100, 50]]), line(1, [[100, 50]]), line(2, [[100, 0]])).matchAll(
      /dx="(\d+)" y="(\d+)"[^>]*>([A-Z])</g,
    ),
    ([, dx, y, letter]) => [letter, Number(dx), Number(y)],
  );
  expect(ends).toEqual([
    ['C', 10, 4],
    ['A', 10, 154],
    ['B', 25, 154],
  ]);
});

test('lineChart labels its axes, and marks labels that a narrow page leaves out', () => {
  const text = chart(line(0, [[0, 0]]));
  expect(text).toContain('<text class="spare" x="50%" y="100%" dy="20" text-anchor="middle">1 s</text>');
  expect(text).toContain('y="100%" dx="-8" dy="4" text-anchor="end">0 %</text>');
});

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
