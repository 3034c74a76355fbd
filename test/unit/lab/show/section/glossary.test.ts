import { expect, test } from 'vitest';
import { terms } from '#lab/kit/text/terms.ts';
import { glossarySection } from '#lab/show/section/glossary.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const termsOf = (page: string) =>
  Array.from(bodyOf(glossarySection(page)).matchAll(/<dt>([^<]+)<\/dt>/g), ([, term]) => term);

test.each([
  ['<p>Two Breakers open</p>', ['breaker']],
  ['<p>redeliveries</p>', ['redelivery']],
  ['<code>gateway.<wbr>bulkhead</code>', ['bulkhead']],
  ['<p>retrying deadly effectively</p>', []],
  ['<p title="goodput">x</p><script>const breaker = 1;</script>', []],
])('glossarySection of %s defines %j', (page, words) => {
  expect(termsOf(page)).toEqual(words);
});

test('glossarySection has no Markdown', () => {
  const body = bodyOf(glossarySection(Object.keys(terms).join('; ')));
  expect(body).toContain(`<dd>${terms.goodput}</dd>`);
  expect(body).not.toMatch(/`|\]\(/);
});
