import { expect, test } from 'vitest';
import { lineChart } from '#lab/report/chart/lines.ts';
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
