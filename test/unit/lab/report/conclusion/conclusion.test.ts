import { expect, test } from 'vitest';
import { listed, say } from '#lab/report/conclusion/conclusion.ts';
import { conclusionsOf } from '#lab/report/section/conclusions.ts';
import type { Status } from '#lab/result/result.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { textOf } from '#test/fixtures/said.ts';

const { variants } = makeResult();
const [a, b] = [variants[0]!, variants[1]!];

test('say keeps variants apart from the words around them', () => {
  expect(say`${a} beats ${b} by ${3}`).toEqual([a, ' beats ', b, ' by ', '3']);
  expect(say`both: ${say`${a}, ${b}`}.`).toEqual(['both: ', a, ', ', b, '.']);
});

test.each([
  [1, 'rpc-guarded'],
  [2, 'rpc-guarded and rpc-retries-bulkhead-40'],
  [3, 'rpc-guarded, rpc-retries-bulkhead-40 and rpc-bulkhead-40'],
  [9, 'rpc-guarded, rpc-retries-bulkhead-40, rpc-bulkhead-40 and 6 others'],
])('listed names %i variants', (count, text) => {
  expect(textOf(listed(variants.slice(0, count)))).toBe(text);
});

test('conclusionsOf says what the nine variants teach, in the order in which a reader needs it', () => {
  expect(conclusionsOf(makeResult()).map(({ rule }) => rule)).toEqual([
    ...['collapse', 'breaker', 'one-option', 'one-option', 'one-policy', 'backlog', 'summary'],
    ...['late', 'survivors', 'waste', 'saturation'],
  ]);
});

const statuses: Status[] = ['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'];

test.each(statuses)('conclusionsOf prints no invalid number of a partial result that is %s', (status) => {
  for (const options of [{}, { variants: 0 }, { variants: 1 }, { points: 0 }, { variants: 2, points: 1 }]) {
    const whole = makeResult({ status, ...options });
    const nothing = whole.variants.map((v) => ({ ...v, offered: 0, latency: null, goodputByDeadline: [] }));
    for (const result of [whole, { ...whole, variants: nothing }]) {
      const texts = conclusionsOf(result).flatMap(({ title, points }) => [title, ...points.map(textOf)]);
      expect(texts.join('\n')).not.toMatch(/NaN|undefined|Infinity|null|–/);
    }
  }
});
