import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { seriesSection } from '#lab/report/section/series.ts';
import type { Result } from '#lab/result.ts';
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
