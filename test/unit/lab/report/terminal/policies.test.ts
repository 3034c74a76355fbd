import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { policiesSection } from '#lab/report/section/policies.ts';
import { painter } from '#lab/report/terminal/paper.ts';
import { policyLines } from '#lab/report/terminal/policies.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const result = makeResult({ variants: 2 });
const { name } = result.variants[0]!;
const policies = [
  { policy: 'retry', place: 0, acted: { retried: 1300 }, note: '' },
  { policy: 'budget', place: 1, acted: { refused: 0 }, note: 'it leaves all free' },
  { policy: 'breaker', place: 2, acted: { opened: 3, refused: 40 }, note: '' },
  { policy: 'timeout', place: 3, acted: { 'timed-out': 0 }, note: '' },
];
const altered = alter(result, name, { policies });

test('policyLines shows what each policy did, and warns of one that never acted for a reason', () => {
  const lines = policyLines(altered, painter({ colour: false, width: 200 }), 200);
  expect(lines.slice(1).map((line) => line.replaceAll('\u00a0', ' '))).toEqual([
    `  ${name}: retry retried 1,300; budget never acted; breaker opened 3, refused 40; timeout never acted`,
    `⚠ budget of ${name} never acted: it leaves all free`,
  ]);
});

test('policiesSection has a row for each policy, and is left out without any', () => {
  const text = html`${policiesSection(altered)?.body ?? null}`.text;
  expect(text.match(/<tr>/g)).toHaveLength(1 + policies.length);
  expect(text).toContain('it leaves all free');
  expect(policiesSection(result)).toBeNull();
});
