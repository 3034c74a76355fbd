import { expect, test } from 'vitest';
import type { Result, Series } from '#lab/judge/result/result.ts';
import { downsample, seriesSection } from '#lab/show/section/series.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const dataOf = (result: Result) =>
  JSON.parse(/id="series-data"[^>]*>(.*?)<\/script>/s.exec(bodyOf(seriesSection(result)))![1]!);

test('seriesSection begins with up to four variants, or else the best, the worst, and one whose breaker opened', () => {
  const chosen = (variants: number) =>
    Array.from(
      bodyOf(seriesSection(makeResult({ variants }))).matchAll(/aria-pressed="true">.*?<\/b>([\w-]+)/g),
      ([, name]) => name,
    );
  expect(chosen(4)).toHaveLength(4);
  expect(chosen(9)).toEqual(['rpc-guarded', 'rpc-bulkhead-16', 'rpc-retries']);
});

test('seriesSection cuts the time axis at twice the median length', () => {
  const result = makeResult({ variants: 3 });
  const { name, series } = result.variants[2]!;
  const endOf = (times: number) =>
    dataOf(alter(result, name, { series: { ...series, tMs: series.tMs.map((ms) => ms * times) } })).endMs;
  expect(endOf(2)).toBeUndefined();
  expect(endOf(2.1)).toBe(2 * series.tMs.at(-1)!);
});

test('seriesSection leaves out a chart that is 0 for every variant, and names it', () => {
  const body = bodyOf(seriesSection(makeResult({ variants: 1 })));
  expect(body).not.toContain('data-column="backlog"');
  expect(body).toContain('Always 0 in every variant: backlog.');
});

function seriesOf(points: number, value: (i: number) => number | null): Series {
  const column = Array.from({ length: points }, (_, i) => value(i));
  const tMs = column.map((_, i) => i * 10);
  const [offered, goodput, inFlight, retries, breaker, backlog, dead] = Array(7).fill(column);
  return { tMs, offered, goodput, inFlight, retries, breaker, backlog, dead };
}

test('downsample merges neighbours beyond 400 points: mean, highest breaker state, last dead letters', () => {
  expect(downsample(seriesOf(400, (i) => i))).toEqual(seriesOf(400, (i) => i));
  const merged = downsample(seriesOf(800, (i) => i % 3)) as Series;
  expect(merged.tMs).toHaveLength(400);
  expect(merged.tMs.slice(0, 3)).toEqual([0, 20, 40]);
  expect(merged.offered.slice(0, 3)).toEqual([0.5, 1, 1.5]);
  expect(merged.breaker.slice(0, 3)).toEqual([1, 2, 2]);
  expect(merged.dead.slice(0, 3)).toEqual([1, 0, 2]);
  const gaps = downsample(seriesOf(800, (i) => (i < 2 || i === 3 ? null : 6))) as Series;
  expect(gaps.inFlight.slice(0, 3)).toEqual([null, 6, 6]);
});
