import { expect, test } from 'vitest';
import { aboutSection } from '#lab/report/header.ts';
import { html } from '#lab/report/html.ts';
import { repeatSection } from '#lab/report/section/configuration.ts';
import { amplificationSection, comparisonSection } from '#lab/report/section/figures.ts';
import { hypothesesSection } from '#lab/report/section/hypotheses.ts';
import type { Section } from '#lab/report/section/section.ts';
import { validitySection } from '#lab/report/section/validity.ts';
import { alter, makeResult, unjudged } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';

const plainly = (texts: readonly string[]) => texts.map((text) => text.replaceAll('\u00a0', ' '));

/** Returns the texts of a section's table cells, without ✓ and ✗. */
const cellsOf = (section: Section | null) => {
  const cells = bodyOf(section).matchAll(/<td>(.*?)<\/td>/gs);
  return plainly([...cells].map(([, cell = '']) => cell.replaceAll(/<[^>]+>|[✓✗]/g, '').trim()));
};

test('comparisonSection has a column for refused retries where there are any', () => {
  const headsOf = (refusedRetries: Record<string, number>) => {
    const result = alter(makeResult({ variants: 2 }), 'rpc-guarded', { retries: 62, refusedRetries });
    return bodyOf(comparisonSection(result)).replaceAll(/<[^>]+>/g, ' ');
  };
  expect(headsOf({ budget: 153 })).toMatch(/ retries +refused retries (.|\n)* 62 +153 /);
  expect(headsOf({})).not.toContain('refused');
});

test('hypothesesSection says hold only of those that do', () => {
  const summaries = (ok: boolean | null) => {
    const hypotheses = Array.from({ length: 9 }, (_, i) => ({
      text: `ok(rpc-guarded) > ${i}`,
      ok,
      left: 100,
      right: 1,
    }));
    return /<summary>(.*?)<\/summary>/.exec(bodyOf(hypothesesSection({ ...makeResult(), hypotheses })))?.[1];
  };
  expect(summaries(true)).toMatch(/5.more hypotheses hold/);
  expect(summaries(null)).toMatch(/5.more hypotheses$/);
});

test('hypothesesSection begins with what failed, and then with close calls', () => {
  const one = (text: string, left: number, ok: boolean) => ({ text, ok, left, right: 10 });
  const hypotheses = [
    one('ok(a) > 10', 40, true),
    one('ok(b) > 10', 10.5, true),
    one('ok(c) > 10', 4, false),
  ];
  const cells = cellsOf(hypothesesSection({ ...makeResult(), hypotheses }));
  expect(cells.filter((_, index) => index % 2 === 0)).toEqual(['fails', 'holds by a small margin', 'holds']);
});

test('hypothesesSection says what was not judged', () => {
  const result = unjudged(makeResult({ status: 'interrupted' }));
  expect(cellsOf(hypothesesSection(result))).toEqual(['– not judged', 'late was not finished']);
});

test('hypothesesSection of an invalid measurement shows the figures without a verdict', () => {
  const cells = cellsOf(hypothesesSection(makeResult({ status: 'invalid' })));
  expect(cells.slice(0, 2)).toEqual(['– not judged', '100 % against 95 %']);
  expect(cells.join()).not.toMatch(/holds|fails/);
});

test('hypothesesSection shows what the terminal shows', () => {
  const cells = ['holds', '100 % against 95 %', 'holds', '1.23 s against 1.5 s', 'holds', '3.92'];
  expect(cellsOf(hypothesesSection(makeResult()))).toEqual(cells);
});

test('amplificationSection speaks of the attempts made, whether or not they reached downstream', () => {
  expect(amplificationSection(makeResult())?.lead).toMatch(/^Calls to the dependency per request/);
});

test('amplificationSection counts refused retries by policy, where there are any', () => {
  const counted = (refusedRetries: Record<string, number>) => {
    const result = alter(makeResult({ variants: 1 }), 'rpc-guarded', { refusedRetries });
    return bodyOf(amplificationSection(result));
  };
  expect(counted({ budget: 637, breaker: 2 })).toMatch(
    /637 by the budget in variant rpc-guarded, 2 by the breaker/,
  );
  expect(counted({})).not.toContain('refused');
});

test('repeatSection shows the factor of slow motion and its reason', () => {
  const slowMotion = {
    factor: 2,
    asked: 'auto',
    overheadMs: 1.94,
    overheadRatio: 0.18,
    cpuRatio: 1.05,
  } as const;
  const result = { ...makeResult(), slowMotion };
  expect(html`${repeatSection(result).body}`.text).toMatch(
    /Slow motion<\/dt><dd>run 2 times slower .*Picked/,
  );
});

test('aboutSection is left out without a description', () => {
  const { experiment } = makeResult();
  const described = (description: string) => ({
    ...makeResult(),
    experiment: { ...experiment, description },
  });
  expect(aboutSection(described(' '))).toBeNull();
  expect(bodyOf(aboutSection(described('Why.')))).toContain('Why.');
});

test('validitySection shows what was measured with its unit, and beside it the limit', () => {
  expect(cellsOf(validitySection(makeResult({ variants: 1 }))).slice(0, 3)).toEqual([
    '3.4 ms ≤ 20 ms',
    '0 requests ≤ 0',
    '4.2 ms ≤ 10 ms',
  ]);
});

test("validitySection shows the generator's lag as such, and an event loop's delay of the services", () => {
  expect(cellsOf(validitySection(makeResult({ variants: 1 }))).slice(-5)).toEqual([
    '0.6 ms · 3.4 ms',
    '0.7 ms · 4.2 ms',
    '310 ms CPU',
    '11.3 ms 310 ms CPU',
    '11.3 ms 310 ms CPU',
  ]);
});

test('comparisonSection leaves out a column of effects that is 0 for every variant, and names it', () => {
  const of = (wasted: number) =>
    bodyOf(
      comparisonSection(
        alter(makeResult({ variants: 1 }), 'rpc-guarded', {
          effects: { distinct: 9, duplicates: 0, wasted },
        }),
      ),
    );
  expect(of(2)).toContain('<th scope="col">wasted</th></tr>');
  expect(of(2)).toContain('Always 0 in every variant: duplicates.');
  expect(of(0)).not.toContain('<th scope="col">wasted');
  expect(of(0)).toContain('Always 0 in every variant: duplicates, wasted.');
});
