import { expect, test } from 'vitest';
import { linearScale, lineChart, logScale, logTicks, niceStep, rowChart } from '#lab/show/chart.ts';

const chart = (...lines: Parameters<typeof lineChart>[0]['lines']) =>
  lineChart({ label: 'a chart', lines, x: [{ at: 50, text: '1 s', spare: true }] }).text;

test('lineChart draws each line in its colour and dash, with gaps, and dots on few points', () => {
  const text = chart({ index: 1, points: [[0, 100], [50, 25], null, [100, 0]] });
  expect(text).toContain('class="line v2" data-variant="1"');
  expect(text).toContain('<path d="M0 100L50 25M100 0" stroke-dasharray="8 4"/>');
  expect(text).toContain('M50 25h0');
  const many = Array.from({ length: 13 }, (_, i) => [i, i] as const);
  expect(chart({ index: 0, points: many })).not.toContain('h0');
});

/** Returns the letters of a chart with their places, those beside each other in one text. */
const lettersIn = (text: string) =>
  Array.from(
    text.matchAll(
      /class="above" x="(\d+)%" y="(\d+)%" dx="\d+" dy="(-?\d+)" text-anchor="(\w+)">(.*?)<\/text>/g,
    ),
    ([, x, y, dy, anchor, inner]) => `${x} ${y} ${dy} ${anchor} ${inner!.replaceAll(/<[^>]+>/g, '').trim()}`,
  );

test('lineChart has letters at the last heights of lines, beside each other where they would overlap', () => {
  const at = (index: number, y: number) => ({ index, points: [[90, y] as const, null] });
  expect(lettersIn(chart(at(0, 20), at(1, 90), at(2, 21), at(3, 90), at(4, 91), at(5, 90)))).toEqual([
    '100 20 4 start A C',
    '100 90 -11 start B D E',
    '100 90 4 start F',
  ]);
});

test('lineChart has letters above points, beside each other where they would overlap', () => {
  const above = (index: number, x: number, y: number) => ({
    ...{ index, points: [[100, 99] as const] },
    letterAt: [x, y] as const,
  });
  expect(lettersIn(chart(above(0, 50, 40), above(1, 54, 41), above(2, 54, 60), above(3, 0, 20)))).toEqual([
    '50 40 -5 middle A B',
    '54 60 -5 middle C',
    '0 20 -5 start D',
  ]);
});

test('rowChart has head, picture with its label, value and note of each row, and the axis inside', () => {
  const row = { head: 'name <1>', marks: null, label: 'name: half', value: '50 %' };
  const axis = [0, 50, 100].map((at) => ({ at, text: `${at} %` }));
  const { text } = rowChart([row, { ...row, note: 'few' }], axis);
  expect(text.match(/<div class="row-head">name &lt;1&gt;<\/div>/g)).toHaveLength(2);
  expect(text).toContain('role="img" aria-label="name: half"');
  expect(text.match(/<p class="row-note">few<\/p>/g)).toHaveLength(1);
  expect(Array.from(text.matchAll(/text-anchor="(\w+)"/g), ([, anchor]) => anchor)).toEqual([
    ...['start', 'middle', 'end'],
  ]);
});

test('logScale puts equal factors at equal distances, within its ends, and linearScale begins at 0', () => {
  expect([1, 10, 100, 1000, 5000, 0].map(logScale(10, 1000))).toEqual([0, 0, 50, 100, 100, 0]);
  expect(logScale(5, 5)(5)).toBe(0);
  expect([0, 1, 4, 9].map(linearScale(4))).toEqual([0, 25, 100, 100]);
  expect(linearScale(0)(3)).toBe(0);
});

test('logTicks are 1, 2 and 5 times powers of ten, over many decades the powers alone', () => {
  const ticks = logTicks(100, 10_000);
  expect(ticks.map(({ value }) => value)).toEqual([100, 200, 500, 1000, 2000, 5000, 10_000]);
  expect(ticks.filter(({ spare }) => !spare).map(({ value }) => value)).toEqual([100, 1000, 10_000]);
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
