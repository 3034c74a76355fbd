import { expect, test } from 'vitest';
import { renderSweep } from '#lab/explore/terminal.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

const paper = { colour: false, width: 100 };

test('renderSweep lists the figures of each value of one path, and where hypotheses hold', () => {
  const sweep = sweepOf({ 'load*': [1, 2] }, ([load]) => ({
    goodput: 0.75,
    metastable: load! - 1,
    holds: load === 1 ? 1 : 0.95,
  }));
  const text = renderSweep(sweep, paper);
  expect(text).toContain('2 points over load*, 20 seeds each.');
  expect(text).toMatch(/^ {2}1 +75 % +70 % to 80 % +0 % +0 %/m);
  expect(text).toMatch(/^ {2}2 +75 % +70 % to 80 % +0 % +100 %/m);
  expect(text).toContain('holds with every seed at 1 of 2 simulated points (1), and with most seeds');
});

const grid = () =>
  sweepOf({ 'load*': [1, 2], 'load[0].forMs': [10, 20, 30] }, ([load, ms]) => ({
    metastable: load === 2 && ms === 30 ? 1 : 0,
  }));

test('renderSweep shows a grid over two paths for what differs, the first across as on the page', () => {
  const text = renderSweep(grid(), paper);
  expect(text).toContain('P(calls is metastable) in %\nforMs upward, load* across:\n');
  expect(text.match(/^[123]0 .*$/gm)).toEqual([
    expect.stringMatching(/^30 +0 +100$/),
    expect.stringMatching(/^20 +0 +0$/),
    expect.stringMatching(/^10 +0 +0$/),
  ]);
  expect(text).not.toContain('P(all hypotheses hold)');
  expect(text).toContain('1 hypothesis held at every simulated point, with every seed.');
  const even = renderSweep(
    sweepOf({ 'load*': [1, 2], deadlineMs: [10, 20] }, () => ({ goodput: 0.4 })),
    paper,
  );
  expect(even).toContain('goodput(calls) in %');
});

test('renderSweep says after how many seeds a sweep was interrupted', () => {
  const sweep = sweepOf({ 'load*': [1, 2] }, () => ({}));
  const points = sweep.points.map((point, index) => ({ ...point, seeds: 7 + index }));
  const text = renderSweep({ ...sweep, status: 'interrupted', points }, paper);
  expect(text).toContain('2 points over load*, interrupted after 7 to 8 of 20 seeds each.');
});

test('renderSweep says how many points were simulated, if a map was refined', () => {
  const sweep = sweepOf({ 'load*': [1, 2, 3] }, () => ({}));
  const [one, two, three] = sweep.points.map((point) => ({ ...point, seeds: 20 }));
  const points = [one!, { ...two!, seeds: 1 }, { ...three!, seeds: 0, inferred: true as const }];
  const text = renderSweep({ ...sweep, points }, paper);
  expect(text).toContain('3 points over load*, 2 simulated with 1 to 20 seeds each.');
});

test('renderSweep says what simulations had no valid result', () => {
  const sweep = sweepOf({ 'load*': [1] }, () => ({}));
  const points = sweep.points.map((point) => ({ ...point, problems: ['it died'] }));
  expect(renderSweep({ ...sweep, points }, paper)).toContain('at 1 point, as with load*=1: it died');
});
