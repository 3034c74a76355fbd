import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { redrivesSection } from '#lab/report/section/redrives.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

test('redrivesSection says of each redrive what was asked and what came of it', () => {
  const asked = { atMs: 2000, ratePerSecond: 1500, redriven: 1234, left: 0, failure: null };
  const redrives = [
    { ...asked, took: { fromMs: 2001, untilMs: 3000 } },
    { ...asked, took: null, redriven: 0, left: 2, failure: 'r7: TIMEOUT' },
    { ...asked, took: { fromMs: 4000, untilMs: 4001 }, redriven: 0 },
    { ...asked, took: null, redriven: 0 },
  ];
  const result = makeResult({ variants: 1 });
  const body = html`${redrivesSection(alter(result, result.variants[0]!.name, { redrives }))?.body ?? null}`;
  const text = body.text
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll('\u00a0', ' ')
    .replaceAll(/\|+/g, '|');
  expect(text).toMatch(/\|2 s\|1,500 a second\|.*\|2 s – 3 s\|1,234\|0\|/);
  expect(text).toMatch(/\|–\|0\|2\|✗\| r7: TIMEOUT\|/);
  expect(text.match(/[^|]*no dead letter[^|]*/g)).toHaveLength(1);
  expect(text).toMatch(/\|4 s – 4 s\|0\|0\|met no dead letter of those it was to send\|/);
});

test('redrivesSection is left out where there was none', () => {
  expect(redrivesSection(makeResult())).toBeNull();
});
