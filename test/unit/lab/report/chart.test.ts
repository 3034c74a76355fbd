import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import {
  clusters,
  linearScale,
  lineChart,
  logScale,
  logTicks,
  niceStep,
  rowChart,
} from '#lab/report/chart.ts';

const line = (index: number, points: [number, number][]) => ({ index, points });
const chart = (...lines: ReturnType<typeof line>[]) =>
  lineChart({ label: 'a chart', lines, x: [{ at: 50, text: '1 s', spare: true }] }).text;

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

test('lineChart writes the letter of a line that ends early at its last height', () => {
  const text = lineChart({ label: 'a chart', lines: [{ index: 0, points: [[0, 50], null] }], x: [] }).text;
  expect(text).toContain('y="154" data-variant="0">A<');
});

test('lineChart writes a letter above its point, and letters that would overlap beside each other', () => {
  const above = (index: number, x: number, y: number) => ({
    ...line(index, [[100, 99]]),
    letterAt: [x, y] as const,
  });
  const text = chart(above(0, 50, 40), above(1, 54, 41), above(2, 54, 60), above(3, 0, 20));
  const letters = Array.from(
    text.matchAll(/class="above" x="(\d+)%" y="(\d+)%"[^>]*text-anchor="(\w+)">(.*?)<\/text>/g),
    ([, x, y, anchor, inner]) => [x, y, anchor, inner!.replaceAll(/<[^>]+>/g, '').trim()].join(' '),
  );
  expect(letters).toEqual(['50 40 middle A B', '54 60 middle C', '0 20 start D']);
  expect(text).not.toContain('class="end v1" x="100%"');
});

test('lineChart labels its axes, and marks labels that a narrow page leaves out', () => {
  const text = chart(line(0, [[0, 0]]));
  expect(text).toContain('<text class="spare" x="50%" y="100%" dy="20" text-anchor="middle">1 s</text>');
  expect(text).toContain('y="100%" dx="-8" dy="4" text-anchor="end">0 %</text>');
  expect(text).toContain('y="25%" dx="-8" dy="4" text-anchor="end">75 %</text>');
});

const at = (...heights: number[]) => heights.map((height) => ({ at: height }));
const sizes = (...heights: number[]) => clusters(at(...heights)).map(({ members }) => members.length);

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
    const found = clusters(at(...heights));
    expect(found.flatMap(({ members }) => members)).toHaveLength(heights.length);
    for (const [i, cluster] of found.slice(1).entries()) {
      const above = found[i]!;
      const bottom = above.topPx + Math.ceil(above.members.length / 3) * 15;
      expect(cluster.topPx).toBeGreaterThanOrEqual(bottom - 1e-9);
    }
  },
);

const row = { head: 'name <1>', marks: null, label: 'name: half', value: '50 %' };
const axis = [
  { at: 0, text: 'zero' },
  { at: 50, text: 'half', spare: true },
  { at: 100, text: 'all' },
];

test('rowChart shows head, picture with its label, and value of each row', () => {
  const { text } = rowChart([row, { ...row, head: 'other' }], axis);
  expect(text.match(/<div class="row">/g)).toHaveLength(2);
  expect(text).toContain('<div class="row-head">name &lt;1&gt;</div>');
  expect(text).toContain('role="img" aria-label="name: half"');
  expect(text).toContain('<div class="row-value">50 %</div>');
});

test('rowChart has a note only where there is one', () => {
  expect(rowChart([row], axis).text).not.toContain('row-note');
  expect(rowChart([{ ...row, note: 'few' }], axis).text).toContain('<p class="row-note">few</p>');
});

test('rowChart keeps the labels at the ends of the axis inside', () => {
  const labels = Array.from(
    rowChart([row], axis).text.matchAll(/<text( class="spare")? x="\d+%" y="12" text-anchor="(\w+)">(\w+)/g),
    ([, spare, anchor, text]) => [text, anchor, spare !== undefined],
  );
  expect(labels).toEqual([
    ['zero', 'start', false],
    ['half', 'middle', true],
    ['all', 'end', false],
  ]);
});

test('logScale puts equal factors at equal distances and stops at its ends', () => {
  const x = logScale(10, 1000);
  expect([1, 10, 100, 1000, 5000, 0].map(x)).toEqual([0, 0, 50, 100, 100, 0]);
});

test('logScale over no span puts everything at its start', () => {
  expect(logScale(5, 5)(5)).toBe(0);
});

test('linearScale begins at 0, and draws nothing when there is nothing', () => {
  expect([0, 1, 4, 9].map(linearScale(4))).toEqual([0, 25, 100, 100]);
  expect(linearScale(0)(3)).toBe(0);
});

test('logTicks are 1, 2 and 5 times powers of ten, all of them within two decades', () => {
  const ticks = logTicks(100, 10_000);
  expect(ticks.map(({ value }) => value)).toEqual([100, 200, 500, 1000, 2000, 5000, 10_000]);
  expect(ticks.filter(({ spare }) => !spare).map(({ value }) => value)).toEqual([100, 1000, 10_000]);
});

test('logTicks over many decades are the powers of ten only', () => {
  expect(logTicks(10, 60_000).map(({ value }) => value)).toEqual([10, 100, 1000, 10_000]);
});

test.each([
  [4.1, 5, 1],
  [1.05, 5, 0.5],
  [12, 5, 5],
  [37, 5, 10],
])('niceStep divides %f into at most %i parts of %f', (max, parts, step) => {
  expect(niceStep(max, parts)).toBeCloseTo(step);
});
