import { expect, test } from 'vitest';
import { renderReport } from '#lab/report/report.ts';
import { glossarySection } from '#lab/report/section/glossary.ts';
import { terms } from '#lab/text/terms.ts';
import { makeResult, pick } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const termsOf = (page: string) => Array.from(page.matchAll(/<dt>([^<]+)<\/dt>/g), ([, term]) => term);
const termsFor = (page: string) => termsOf(bodyOf(glossarySection(page)));

test.each([
  ['<p>Two Breakers open</p>', ['breaker']],
  ['<p>redeliveries</p>', ['redelivery']],
  ['<code>gateway.policies.<wbr>bulkhead</code>', ['bulkhead']],
  ['<p>The policy</p>', []],
  ['<p>retrying deadly effectively</p>', []],
  ['<p title="goodput">x</p><script>const breaker = 1;</script>', []],
])('glossarySection of %s defines %j', (page, terms) => {
  expect(termsFor(page)).toEqual(terms);
});

test('glossarySection shows the meanings of terms, and none that has Markdown', () => {
  const body = bodyOf(glossarySection(Object.keys(terms).join('; ')));
  expect(termsOf(body).length).toBeGreaterThan(25);
  expect(body).toContain(`<dd>${terms.goodput}</dd>`);
  expect(body).not.toMatch(/`|\]\(/);
});

test('glossarySection is left out where nothing needs it', () => {
  expect(glossarySection('<p>Nothing</p>')).toBeNull();
});

test('renderReport explains the words of the policies that it shows, and no others', () => {
  const glossaryOf = (page: string) => termsOf(page.slice(page.indexOf('id="glossary"')));
  expect(glossaryOf(renderReport(makeResult()))).toEqual(
    expect.arrayContaining(['amplification', 'breaker', 'bulkhead', 'effect', 'goodput', 'p99']),
  );
  const result = pick(makeResult(), 'events-8');
  const queue = glossaryOf(renderReport({ ...result, experiment: { ...result.experiment, source: '' } }));
  expect(queue).toContain('goodput');
  expect(queue).not.toContain('breaker');
});
