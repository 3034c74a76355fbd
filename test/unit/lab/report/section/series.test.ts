import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { courseOf, downsample, seriesSection, spokenCourse } from '#lab/report/section/series.ts';
import type { Result, Series } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const chosen = (result: Result) =>
  Array.from(
    bodyOf(seriesSection(result)).matchAll(/aria-pressed="true">.*?<\/b>([\w-]+)/g),
    ([, name]) => name,
  );

test('seriesSection begins with the best, the worst, and the one whose breaker opened', () => {
  expect(chosen(makeResult())).toEqual(['rpc-guarded', 'rpc-bulkhead-16', 'rpc-retries']);
});

test('seriesSection begins with all of up to four variants', () => {
  expect([4, 5].map((variants) => chosen(makeResult({ variants })).length)).toEqual([4, 3]);
});

test('seriesSection cuts the time axis at twice the median length, and says so', () => {
  const result = makeResult({ variants: 3 });
  const { name, series } = result.variants[2]!;
  const last = series.tMs.at(-1)!;
  const endOf = (times: number) => {
    const longer = { ...series, tMs: series.tMs.map((ms) => ms * times) };
    const section = seriesSection(alter(result, name, { series: longer }));
    const [, data = ''] = /id="series-data"[^>]*>(.*?)<\/script>/s.exec(bodyOf(section)) ?? [];
    return [JSON.parse(data).endMs, /at first until/.test(String(section?.lead))];
  };
  expect(endOf(2)).toEqual([undefined, false]);
  expect(endOf(2.1)).toEqual([2 * last, true]);
});

test('seriesSection has a band for each fault and each redrive that took', () => {
  const result = makeResult({ variants: 1, crash: true });
  const asked = { atMs: 2000, ratePerSecond: 100, redriven: 1, left: 0, failure: null };
  const took = { fromMs: 2001, untilMs: 3000 };
  const redrives = [
    { ...asked, took },
    { ...asked, took: null },
  ];
  const { text } =
    html`${seriesSection(alter(result, result.variants[0]!.name, { redrives }))?.body ?? null}`;
  const [, data = ''] = /id="series-data"[^>]*>(.*?)<\/script>/s.exec(text) ?? [];
  const { bands } = JSON.parse(data).variants[0];
  expect(bands).toMatchObject([
    { kind: 'fault', name: 'crash' },
    { kind: 'fault', name: 'redrive', ...took },
  ]);
  expect(bands).toHaveLength(2);
});

test('seriesSection leaves out a chart that is 0 for every variant, and names it', () => {
  const result = makeResult({ variants: 1 });
  const [{ name, series }] = result.variants as [Result['variants'][number]];
  const withDead = (value: number) =>
    bodyOf(seriesSection(alter(result, name, { series: { ...series, dead: series.tMs.map(() => value) } })));
  expect(withDead(1)).toContain('data-column="dead"');
  expect(withDead(0)).not.toContain('data-column="dead"');
  expect(withDead(0)).toMatch(/Always 0 in every variant: [a-z, ]*dead letters\./);
});

const tMs = [0, 50, 100, 150];
const say = (column: readonly (number | null)[], states?: readonly string[]) => {
  const course = courseOf(tMs, column, states);
  return course && spokenCourse(course).replaceAll('\u00a0', ' ');
};

test.each([
  ['the most, when it came first, and the last', [1, 1528, 1528, 3], 'at most 1,528 at 50 ms, at the end 3'],
  ['the last that was measured', [1, 2, 0, null], 'at most 2 at 50 ms, at the end 0'],
  ['nothing of a time without an answer', [null, 0, 4, 4], 'at most 4 at 100 ms, at the end 4'],
  ['that it never changed', [0, 0, null, 0], '0 throughout'],
  ['nothing where nothing was measured', [null, null, null, null], null],
])('courseOf says %s', (_, column, words) => {
  expect(say(column)).toBe(words);
});

test('courseOf calls states by their names', () => {
  expect(say([0, 2, 1, 0], ['closed', 'half-open', 'open'])).toBe('at most open at 50 ms, at the end closed');
});

function seriesOf(points: number, value: (i: number) => number | null): Series {
  const column = Array.from({ length: points }, (_, i) => value(i));
  const tMs = column.map((_, i) => i * 10);
  const [offered, goodput, inFlight, retries, breaker, backlog, dead] = Array(7).fill(column);
  return { tMs, offered, goodput, inFlight, retries, breaker, backlog, dead };
}

test('downsample keeps a series of 400 points as it is', () => {
  const series = seriesOf(400, (i) => i);
  expect(downsample(series)).toEqual(series);
});

test('downsample merges neighbours of a longer one: mean, highest breaker state, last count of dead letters', () => {
  const thinned = downsample(seriesOf(800, (i) => i % 3)) as Series;
  expect(thinned.tMs).toHaveLength(400);
  expect(thinned.tMs.slice(0, 3)).toEqual([0, 20, 40]);
  expect(thinned.offered.slice(0, 3)).toEqual([0.5, 1, 1.5]);
  expect(thinned.breaker.slice(0, 3)).toEqual([1, 2, 2]);
  expect(thinned.dead.slice(0, 3)).toEqual([1, 0, 2]);
});

test('downsample takes the mean of what was sampled, and null where nothing was', () => {
  const thinned = downsample(seriesOf(800, (i) => (i < 2 || i === 3 ? null : 6))) as Series;
  expect(thinned.inFlight.slice(0, 3)).toEqual([null, 6, 6]);
});

test('downsample rounds to four digits', () => {
  expect(downsample(seriesOf(1, () => 1234.5678)).retries).toEqual([1235]);
});

test('downsample drops a column that was never measured', () => {
  expect(Object.keys(downsample({ ...seriesOf(3, () => 1), breaker: [null, null, null] }))).not.toContain(
    'breaker',
  );
});
