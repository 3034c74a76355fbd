import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { faultsSection, redrivesSection } from '#lab/report/section/faults.ts';
import type { Result } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const rowsOf = (result: Result) =>
  Array.from(bodyOf(faultsSection(result)).matchAll(/<tr>(<th scope="row">.*?)<\/tr>/gs), ([, row = '']) =>
    Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs), ([, cell = '']) =>
      cell
        .replaceAll(/<[^>]+>|✗/g, '')
        .replaceAll('\u00a0', ' ')
        .trim(),
    ),
  );

test("faultsSection shows each fault's kind and target, its scheduled times, and when it began and was cleared", () => {
  const result = makeResult({ variants: 2, crash: true });
  const never = result.variants[1]!.faults!.map((fault) => ({ ...fault, took: null }));
  const crash = ['crash', 'killed', 'gateway', '990 ms – 1.4 s'];
  expect(rowsOf(alter(result, 'rpc-retries-bulkhead-40', { faults: never }))).toEqual([
    [...crash, 'Arpc-guarded', '1 s (10 ms late)', '1.5 s (100 ms late)', '–'],
    [...crash, 'Brpc-retries-bulkhead-40', 'never', '–', '–'],
  ]);
});

test('faultsSection mentions proxies only on hops with faults', () => {
  const result = makeResult({ variants: 1, crash: true });
  const [variant] = result.variants;
  const onArrow = variant!.faults!.map((fault) => ({ ...fault, target: 'consumer->nats' }));
  const lead = (of: Result) => html`${faultsSection(of)?.lead ?? null}`.text;
  expect(lead(result)).not.toContain('proxy');
  expect(lead(alter(result, variant!.name, { faults: onArrow }))).toContain(
    'on <span class="unbroken">consumer-&gt;nats</span> passed through a proxy',
  );
});

test('faultsSection shows how many attempts a fault affected, also if none', () => {
  const result = makeResult({ variants: 1, crash: true });
  const [variant] = result.variants;
  const [fault] = variant!.faults!;
  const faults = [1234, 0].map((affected) => ({ ...fault!, affected }));
  expect(rowsOf(alter(result, variant!.name, { faults })).map((row) => row.at(-1))).toEqual(['1,234', '0']);
});

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
  expect(text.match(/[^|]*no matching dead letter[^|]*/g)).toHaveLength(1);
  expect(text).toMatch(/\|4 s – 4 s\|0\|0\|found no matching dead letter\|/);
});
