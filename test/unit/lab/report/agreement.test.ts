import { expect, test } from 'vitest';
import { agreementOf } from '#lab/report/verdict.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

test.each<[string, Record<string, boolean>]>([
  ['agrees', { completed: true, retries: true, goodput2000Ms: true, p99Ms: true }],
  ['agrees', { p99Ms: true }],
  ['agrees in counts and goodput', { completed: true, goodput2000Ms: true, p99Ms: false }],
  ['agrees in counts, not in goodput', { completed: true, retries: true, goodput2000Ms: false }],
  ['agrees in goodput, not in counts', { completed: true, retries: false, goodput2000Ms: true }],
  ['agrees in counts', { completed: true, p99Ms: false }],
  ['agrees in goodput', { amplification: false, goodput2000Ms: true }],
  ['agrees in goodput, not in counts', { 'rejected(during x)': false, goodput2000Ms: true }],
  ['agrees in counts', { 'rejected(during x)': true, 'timeToDrain(after x)': false }],
  ['differs', { completed: true, retries: false, goodput2000Ms: false }],
  ['differs', { duplicates: false, goodput1000Ms: true }],
  ['differs', { p99Ms: false, goodput1000Ms: true }],
])('agreementOf a variant that %s: %o', (words, figures) => {
  const predictions = Object.entries(figures).map(([metric, ok]) => ({
    metric,
    ok,
    predicted: 1,
    measured: 1,
    tolerance: '',
    why: '',
  }));
  const result = alter(makeResult({ variants: 1 }), 'rpc-guarded', { predictions });
  const sign = words === 'agrees' ? '=' : words === 'differs' ? '≠' : '≈';
  expect(agreementOf(result, result.variants[0]!)).toMatchObject({
    words,
    sign,
    agrees: words !== 'differs',
  });
});
