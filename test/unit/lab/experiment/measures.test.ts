import { expect, test } from 'vitest';
import { deadlinesOf } from '#lab/experiment/measures.ts';
import { parseExperiment } from '#lab/experiment/read.ts';

const text = `
title: deadlines
deadlineMs: 1234
drainMs: 100000
load: [{ arrivals: { kind: constant, ratePerSecond: 1, forMs: 1000 } }]
variants: { a: { path: rpc, predicted: { goodput: { 333ms: 1 }, 'goodput(444ms, 0..1s)': 0.9 } } }
hypothesis: ['goodput(a, 0.777s) > 0.5 * goodput(a, 99s)', p99(a) < 111ms]
`;
const deadlines = deadlinesOf(parseExperiment(text, 'x.yaml'));

test('deadlinesOf: none beyond the drain, after which outcomes are unknown', () => {
  const short = text.replace('99s', '2s').replace('100000', '2000');
  expect(deadlinesOf(parseExperiment(short, 'x.yaml')).at(-1)).toBe(2000);
});

test("deadlinesOf: the experiment's own, the usual ones and those that hypotheses and predictions name", () => {
  expect(deadlines).toEqual(expect.arrayContaining([1234, 250, 1000, 2000, 5000, 777, 99_000, 333, 444]));
  expect(deadlines).not.toContain(111); // a value that p99 is compared with
});

test('deadlinesOf: each once, rising', () => {
  expect(deadlines).toEqual([...new Set(deadlines)].toSorted((a, b) => a - b));
});

test('deadlinesOf: for the curve from 10 ms to 60 s, each at most a quarter above the one before', () => {
  const curve = deadlines.filter((ms) => ms <= 60_000);
  expect([curve[0], curve.at(-1)]).toEqual([10, 60_000]);
  for (const [i, ms] of curve.slice(1).entries()) expect(ms / curve[i]!).toBeLessThanOrEqual(1.25);
});
