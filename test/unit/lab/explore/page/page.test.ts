import { expect, test } from 'vitest';
import { chartsOf, firstOf } from '#lab/explore/page/figures.ts';
import { mapData } from '#lab/explore/page/heat-map.ts';
import { renderSweepPage } from '#lab/explore/page/page.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

const overTwo = sweepOf({ 'load*': [1, 2, 3], deadlineMs: [10, 20] }, ([load, ms]) => ({
  goodput: 1 / load!,
  metastable: load === 3 && ms === 20 ? 1 : 0,
}));
const overOne = sweepOf({ 'load*': [1, 2, 3] }, ([load]) => ({ metastable: load! > 2 ? 1 : 0 }));

test('chartsOf has every figure that some point has, and leaves out what is 0 everywhere', () => {
  expect(chartsOf(overOne).map(({ id }) => id)).toEqual(['metastable', 'holds', 'goodput']);
  const two = { ...overOne, hypotheses: ['a(calls) > 1', 'b(calls) > 1'] };
  expect(chartsOf(two).map(({ name }) => name)).toContain('P(a(calls) > 1)');
});

test('firstOf is a probability that differs between points, or goodput', () => {
  expect(firstOf(chartsOf(overOne)).id).toBe('metastable');
  expect(firstOf(chartsOf(sweepOf({ 'load*': [1, 2] }, () => ({})))).id).toBe('goodput');
});

test('mapData has the cells by figure and variant, and the boundary in percent of the map', () => {
  const { figures } = mapData(overTwo, chartsOf(overTwo));
  const [metastable] = figures;
  expect(metastable!.of[0]!.cells.map((cell) => cell?.[0])).toEqual([0, 0, 0, 0, 0, 1]);
  // In the upper right of 3 × 2 cells, from the middle of an edge to that of another.
  expect(metastable!.of[0]!.boundary).toBe('M66.67 25L83.33 50');
});

test('renderSweepPage shows a map over two paths with the choices, and the place of the file', () => {
  const [load, ms] = overTwo.paths;
  const html = renderSweepPage({
    ...overTwo,
    paths: [
      { ...load!, original: 1.5 },
      { ...ms!, original: 10 },
    ],
  });
  expect(html.match(/<rect x=/g)).toHaveLength(6);
  expect(html).toContain('<option value="metastable" selected>P(metastable)</option>');
  expect(html).toContain('class="original" cx="33.3');
  expect(html).toContain('>you are here</text>');
  const within = renderSweepPage({
    ...overTwo,
    paths: [
      { ...load!, original: 2 },
      { ...ms!, original: 20 },
    ],
  });
  expect(within).toMatch(/<circle class="original" cx="50%" cy="25%"/);
  expect(renderSweepPage(overTwo)).not.toContain('class="original"');
});

test('renderSweepPage begins with what was found, and draws the figures above the lines', () => {
  const html = renderSweepPage(overTwo);
  expect(html).toContain('<h1>calls never recovers (is metastable) at 1 of 6\u00a0points</h1>');
  expect(html).toContain('deadlineMs over load*');
  expect(html.indexOf('<g class="figures">')).toBeGreaterThan(html.indexOf('data-boundary'));
});

test('renderSweepPage shows lines with bands over one path, and where they cross 0.5', () => {
  const html = renderSweepPage(overOne);
  expect(html).not.toContain('class="plot heat"');
  expect(html.match(/class="area v1"/g)).toHaveLength(3);
  expect(html).toContain('<line class="mark" x1="75%" x2="75%"');
  expect(html).toContain('<a href="#map">Lines</a>');
  expect(html).not.toContain('you are here');
});

test('renderSweepPage marks the value of the file on lines', () => {
  const [path] = overOne.paths;
  const html = renderSweepPage({ ...overOne, paths: [{ ...path!, original: path!.values[0]! }] });
  expect(html).toMatch(/<text class="here" x="0%"[^>]*>▾ you are here</);
});

test('renderSweepPage explains the colour of what is not known, if there is such a point', () => {
  expect(renderSweepPage(overTwo)).not.toContain('class="unknown"');
  const html = renderSweepPage(
    sweepOf({ a: [1, 2], b: [1, 2] }, ([a]) => ({ metastable: a === 1 ? 1 : null })),
  );
  expect(html).toContain('<i class="unknown"></i><span>not known');
});

test('renderSweepPage escapes what the file says, and loads nothing', () => {
  const { experiment } = overOne;
  const html = renderSweepPage({
    ...overOne,
    variants: ['<b>'],
    experiment: { ...experiment, title: '<script>alert(1)</script>', source: '</code><script>' },
  });
  expect(html).not.toContain('<script>alert');
  expect(html).not.toContain('</code><script>');
  expect(html).toContain('default-src &#39;none&#39;');
});
