import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { faultsSection } from '#lab/report/section/faults.ts';
import type { Result } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const rowsOf = (result: Result) =>
  Array.from(
    html`${faultsSection(result)?.body ?? null}`.text.matchAll(/<tr>(<th scope="row">.*?)<\/tr>/gs),
    ([, row = '']) =>
      Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs), ([, cell = '']) =>
        cell
          .replaceAll(/<[^>]+>|✗/g, '')
          .replaceAll('\u00a0', ' ')
          .trim(),
      ),
  );

test('faultsSection says of each fault what, on whom, what was asked, and when it took and was gone', () => {
  const result = makeResult({ variants: 2, crash: true });
  const never = result.variants[1]!.faults!.map((fault) => ({ ...fault, took: null }));
  const crash = ['crash', 'killed', 'gateway', '990 ms – 1.4 s'];
  expect(rowsOf(alter(result, 'rpc-retries-bulkhead-40', { faults: never }))).toEqual([
    [...crash, 'Arpc-guarded', '1 s (10 ms late)', '1.5 s (100 ms late)', '–'],
    [...crash, 'Brpc-retries-bulkhead-40', 'never', '–', '–'],
  ]);
});

test('faultsSection is left out where there was none, as in a result of an older version', () => {
  expect(faultsSection(makeResult())).toBeNull();
});

test('faultsSection says that a proxy stood on the hops that were harmed, and only then', () => {
  const result = makeResult({ variants: 1, crash: true });
  const [variant] = result.variants;
  const onArrow = variant!.faults!.map((fault) => ({ ...fault, target: 'consumer->nats' }));
  const lead = (of: Result) => html`${faultsSection(of)!.lead}`.text;
  expect(lead(result)).not.toContain('proxy');
  expect(lead(alter(result, variant!.name, { faults: onArrow }))).toContain(
    'over <span class="unbroken">consumer-&gt;nats</span> passed a proxy',
  );
});

test('faultsSection says how many attempts a fault struck, none of them, too', () => {
  const result = makeResult({ variants: 1, crash: true });
  const [variant] = result.variants;
  const [fault] = variant!.faults!;
  const faults = [1234, 0].map((affected) => ({ ...fault!, affected }));
  expect(rowsOf(alter(result, variant!.name, { faults })).map((row) => row.at(-1))).toEqual(['1,234', '0']);
});
