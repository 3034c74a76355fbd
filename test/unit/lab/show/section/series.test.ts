import { expect, test } from 'vitest';
import type { Result, Series } from '#lab/judge/result/result.ts';
import { binnedColumn } from '#lab/show/section/bins.ts';
import { seriesSection } from '#lab/show/section/series.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const endOf = (result: Result) => Number(/data-end="([\d.]+)"/.exec(bodyOf(seriesSection(result)))![1]);

test('seriesSection begins with the control, the best variant and the worst', () => {
  const chosen = Array.from(
    bodyOf(seriesSection(makeResult())).matchAll(/aria-pressed="true">.*?<\/b>([\w-]+)/g),
    ([, name]) => name,
  );
  expect(chosen).toEqual(['rpc-guarded', 'rpc-bulkhead-16', 'rpc-nothing']);
});

test('seriesSection cuts the time axis at twice the median length', () => {
  const result = makeResult({ variants: 3 });
  const { name, series } = result.variants[2]!;
  const last = series.tMs.at(-1)!;
  const endAt = (times: number) =>
    endOf(alter(result, name, { series: { ...series, tMs: series.tMs.map((ms) => ms * times) } }));
  expect([endAt(1.9), endAt(2.1)]).toEqual([1.9 * last, 2 * last]);
});

test('seriesSection leaves out a chart that is 0 for every variant, and names it', () => {
  const body = bodyOf(seriesSection(makeResult({ variants: 1 })));
  expect(body).not.toContain('data-column="backlog"');
  expect(body).toContain('Always 0 in every variant: backlog.');
});

test('seriesSection draws the last backlog dashed while nothing answers', () => {
  const result = makeResult({ variants: 1, crash: true });
  const { name, series } = result.variants[0]!;
  const backlog = series.tMs.map((ms) => (ms > 1000 && ms < 1500 ? null : 7));
  const body = bodyOf(seriesSection(alter(result, name, { series: { ...series, backlog } })));
  expect(body.match(/class="last" d="M[\d.]+ [\d.]+H[\d.]+V/g)).toHaveLength(1);
});

test('binnedColumn merges neighbours: the mean, the highest in flight, the last dead letters', () => {
  const column = [1, 3, 2, null, null, null];
  const tMs = column.map((_, i) => i * 10);
  const series = Object.fromEntries(
    ['offered', 'inFlight', 'dead'].map((name) => [name, column]),
  ) as unknown as Series;
  const of = (name: 'offered' | 'inFlight' | 'dead') => binnedColumn({ ...series, tMs }, name, 30, 60);
  expect([of('offered'), of('inFlight'), of('dead')]).toEqual([
    [2, null],
    [3, null],
    [2, null],
  ]);
});
