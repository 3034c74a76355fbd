import { expect, test } from 'vitest';
import { plain } from '#lab/kit/text/format.ts';
import { comparisonSection } from '#lab/show/section/figures.ts';
import { hypothesesSection } from '#lab/show/section/hypotheses.ts';
import type { Section } from '#lab/show/section/section.ts';
import { validitySection } from '#lab/show/section/validity.ts';
import { alter, makeResult, unjudged } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

/** Returns the texts of a section's table cells, without ✓ and ✗. */
const cellsOf = (section: Section | null) =>
  Array.from(bodyOf(section).matchAll(/<td>(.*?)<\/td>/gs), ([, cell = '']) =>
    plain(cell.replaceAll(/<[^>]+>|[✓✗]/g, '').trim()),
  );
const headsOf = (section: Section | null) =>
  Array.from(bodyOf(section).matchAll(/<th scope="col">(.*?)<\/th>/g), ([, head]) => head);

test('comparisonSection has columns for refused retries and effects only where there are any', () => {
  const result = makeResult({ variants: 1 });
  const effects = { distinct: 9, duplicates: 0, wasted: 2 };
  const headsWith = (change: Parameters<typeof alter>[2]) =>
    headsOf(
      comparisonSection(alter(result, 'rpc-guarded', { effects: { ...effects, wasted: 0 }, ...change })),
    );
  expect(headsWith({})).toEqual(['Variant', 'goodput', 'ok', 'rejected', 'attempts', 'p50', 'p99']);
  expect(headsWith({ effects }).slice(-1)).toEqual(['wasted']);
  expect(headsWith({ lost: 3 }).slice(-1)).toEqual(['lost']);
  expect(headsWith({ refusedRetries: 153 })).toContain('refused retries');
});

test('comparisonSection warns of variants whose measurement is invalid, and of saturated processes', () => {
  const body = bodyOf(comparisonSection(makeResult({ status: 'invalid' })));
  const marked = Array.from(
    body.matchAll(/<span>([\w-]+)<\/span><\/span> <span class="warn">.*?<\/span> (\w+)/g),
  );
  expect(marked.map(([, name, word]) => `${name} ${word}`)).toEqual(
    expect.arrayContaining(['rpc-guarded invalid', 'rpc-retries saturated']),
  );
});

test('hypothesesSection begins with what failed, then close calls, and folds the many that hold', () => {
  const one = (text: string, left: number, ok: boolean) => ({ text, ok, left, right: 10 });
  const hypotheses = [
    ...Array.from({ length: 9 }, (_, i) => one(`ok(a${i}) > 10`, 40, true)),
    one('ok(b) > 10', 10.5, true),
    one('ok(c) > 10', 4, false),
  ];
  const section = hypothesesSection({ ...makeResult(), hypotheses });
  const verdicts = cellsOf(section).filter((_, index) => index % 2 === 0);
  expect(verdicts.slice(0, 3)).toEqual(['fails', 'holds by a small margin', 'holds']);
  expect(plain(bodyOf(section))).toContain('<summary>3 more hypotheses hold</summary>');
});

test('hypothesesSection gives no verdict without a judgement, or after an invalid measurement', () => {
  const open = unjudged(makeResult({ status: 'interrupted' }));
  expect(cellsOf(hypothesesSection(open))).toEqual(['– not judged', 'late was not finished']);
  const cells = cellsOf(hypothesesSection(makeResult({ status: 'invalid' })));
  expect(cells.slice(0, 2)).toEqual(['– not judged', 'failed check: send lag p99 in rpc-guarded']);
  expect(cells.filter((cell) => cell === 'holds')).toHaveLength(3);
});

test('validitySection has figures with their limits, and the delays of the processes', () => {
  const cells = cellsOf(validitySection(makeResult({ variants: 1 })));
  expect(cells.slice(0, 3)).toEqual(['3.4 ms ≤ 20 ms', '0 requests ≤ 0', '4.2 ms ≤ 10 ms']);
  expect(cells.slice(-5)).toEqual([
    ...['0.6 ms · 3.4 ms', '0.7 ms · 4.2 ms', '310 ms CPU'],
    ...['11.3 ms 310 ms CPU', '11.3 ms 310 ms CPU'],
  ]);
});
