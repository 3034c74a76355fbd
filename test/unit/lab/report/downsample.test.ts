import { expect, test } from 'vitest';
import { downsample } from '#lab/report/downsample.ts';
import type { Series } from '#lab/result/result.ts';

function seriesOf(points: number, value: (i: number) => number | null): Series {
  const column = Array.from({ length: points }, (_, i) => value(i));
  const tMs = column.map((_, i) => i * 10);
  return {
    tMs,
    offered: column,
    goodput: column,
    inFlight: column,
    retries: column,
    breaker: column,
    backlog: column,
    dead: column,
  };
}

test('thin keeps a series of 400 points as it is', () => {
  const series = seriesOf(400, (i) => i);
  expect(downsample(series)).toEqual(series);
});

test('thin merges neighbours of a longer one: mean, highest breaker state, last count of dead letters', () => {
  const thinned = downsample(seriesOf(800, (i) => i % 3));
  expect(thinned.tMs).toHaveLength(400);
  expect(thinned.tMs.slice(0, 3)).toEqual([0, 20, 40]);
  expect(thinned.offered.slice(0, 3)).toEqual([0.5, 1, 1.5]);
  expect(thinned.breaker.slice(0, 3)).toEqual([1, 2, 2]);
  expect(thinned.dead.slice(0, 3)).toEqual([1, 0, 2]);
});

test('thin takes the mean of what was sampled, and null where nothing was', () => {
  const thinned = downsample(seriesOf(800, (i) => (i < 2 || i === 3 ? null : 6)));
  expect(thinned.inFlight.slice(0, 3)).toEqual([null, 6, 6]);
});

test('thin rounds to four digits', () => {
  expect(downsample(seriesOf(1, () => 1234.5678)).retries).toEqual([1235]);
});
