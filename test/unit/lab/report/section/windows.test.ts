import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { windowsSection } from '#lab/report/section/windows.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const outcomes = makeResult().variants[0]!.outcomes;
const nothing = Object.fromEntries(Object.keys(outcomes).map((name) => [name, 0])) as typeof outcomes;
const percentiles = {
  count: 9,
  meanMs: 20,
  p50Ms: 20,
  p90Ms: 30,
  p95Ms: 40,
  p99Ms: 50,
  p999Ms: 60,
  maxMs: 60,
};
const part = { goodputByDeadline: [], latency: percentiles, goodput: 0.9, offered: 10 };

test('windowsSection shows variants side by side in each part, and a dash where there was none', () => {
  const result = makeResult({ variants: 2 });
  const before = {
    ...part,
    name: 'before crash',
    span: { fromMs: 0, untilMs: 1000 },
    outcomes: { ...nothing, ok: 9, dead: 1 },
  };
  const after = { ...part, name: 'after crash', span: null, offered: 0, outcomes: nothing, latency: null };
  const [one, other] = result.variants.map(({ name }) => name);
  const shown = alter(alter(result, one!, { windows: [before, after] }), other!, {
    windows: [before, after],
  });
  const text = html`${windowsSection(shown)?.body ?? null}`.text
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/[|\s]+/g, ' ');
  const cells = '0 ms – 1 s 10 90 % 1 20 ms 50 ms';
  expect(text).toContain(
    `before crash A ${one} ${cells} before crash B ${other} ${cells} after crash A ${one} – 0 – 0 – –`,
  );
});

test('windowsSection is left out where there are none, as in a result of an older version', () => {
  expect(windowsSection(makeResult())).toBeNull();
});
