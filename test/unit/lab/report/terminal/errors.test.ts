import { expect, test } from 'vitest';
import { html } from '#lab/report/html.ts';
import { errorsSection } from '#lab/report/section/errors.ts';
import { errorLines } from '#lab/report/terminal/errors.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const result = makeResult({ variants: 2 });
const { name } = result.variants[0]!;
const firstErrors = {
  failed: [
    { reason: '502: <b>bad</b>', count: 2, firstAtMs: 1500 },
    { reason: '500: worse', count: 1200, firstAtMs: 1700 },
  ],
  unknown: [{ reason: 'connect ECONNREFUSED', count: 3, firstAtMs: 0 }],
};

test('errorLines shows the most frequent error of each outcome, for variants that have any', () => {
  const lines = errorLines(alter(result, name, { firstErrors }), 200);
  expect(lines.slice(1)).toEqual([
    `  ${name}: failed "500: worse" (1,200×); unknown "connect ECONNREFUSED" (3×)`,
  ]);
  expect(errorLines(result, 200)).toEqual([]);
});

test('errorsSection shows every error with its count and first time, and is left out without any', () => {
  const section = errorsSection(alter(result, name, { firstErrors }));
  const text = html`${section?.body ?? null}`.text;
  expect(text).toMatch(
    /<td>failed<\/td><td><span class="why">500: worse<\/span><\/td><td>1,200<\/td><td>1\.7\u00a0s<\/td>/,
  );
  expect(text).toContain('<span class="why">502: &lt;b&gt;bad&lt;/b&gt;</span>');
  expect(text).toContain('ECONNREFUSED');
  expect(errorsSection(result)).toBeNull();
});

test('in slow motion both say that the texts of errors are in real time', () => {
  const own = alter(result, name, { firstErrors });
  const slow = { ...own, slowMotion: { factor: 4, asked: 4 } };
  expect(errorLines(slow, 200)[0]).toContain('real time');
  expect(errorsSection(slow)?.lead).toContain('real time, 4 times as long');
  expect(errorLines(own, 200)[0]).not.toContain('real time');
  expect(errorsSection(own)?.lead).not.toContain('real time');
});
