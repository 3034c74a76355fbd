import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { seriesSection } from '#lab/report/section/series.ts';
import type { Result } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const chosen = (result: Result) =>
  Array.from(
    html`${seriesSection(result)?.body ?? null}`.text.matchAll(/aria-pressed="true">.*?<\/b>([\w-]+)/g),
    ([, name]) => name,
  );

test('seriesSection begins with the best, the worst, and the one whose breaker opened', () => {
  expect(chosen(makeResult())).toEqual(['rpc-guarded', 'rpc-bulkhead-16', 'rpc-retries']);
});

test.each([
  [2, 'rpc-retries'],
  [2.1, 'rpc-nothing'],
])(
  'seriesSection leaves the worst to be chosen when it takes %d times as long as the best: %s',
  (times, worst) => {
    const result = makeResult();
    const { series } = result.variants.find(({ name }) => name === 'rpc-retries')!;
    const longer = { ...series, tMs: series.tMs.map((ms) => ms * times) };
    expect(chosen(alter(result, 'rpc-retries', { series: longer }))).toEqual([
      'rpc-guarded',
      'rpc-bulkhead-16',
      worst,
    ]);
  },
);

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
  const { faults } = JSON.parse(data).variants[0];
  expect(faults).toMatchObject([{ name: 'crash' }, { name: 'redrive', ...took }]);
  expect(faults).toHaveLength(2);
});
