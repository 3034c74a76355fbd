import { expect, test } from 'vitest';
import type { Phase } from '#load/phases.ts';
import { phaseAt, rounds } from '#load/steady/rounds.ts';

const constant = (ratePerSecond: number, forMs: number): Phase => ({
  arrivals: { kind: 'constant', ratePerSecond, forMs },
});
const poisson: Phase = { arrivals: { kind: 'poisson', ratePerSecond: 1000, forMs: 100 } };

test('rounds offers a load again when it is over, and numbers requests through all rounds', () => {
  const dues = rounds([constant(20, 100), constant(10, 100)], 1).take(7);
  expect(dues.map(({ index, scheduledAtMs }) => [index, scheduledAtMs]).toArray()).toEqual([
    [0, 0],
    [1, 50],
    [2, 100],
    [3, 200],
    [4, 250],
    [5, 300],
    [6, 400],
  ]);
});

test('rounds are the same for the same seed, and no two rounds are alike', () => {
  const of = (seed: number) => {
    const dues = rounds([poisson], seed).map(({ scheduledAtMs }) => scheduledAtMs);
    return dues.take(400).toArray();
  };
  expect(of(7)).toEqual(of(7));
  const inRound = (round: number) => of(7).filter((ms) => Math.floor(ms / 100) === round);
  expect(inRound(1).map((ms) => (ms - 100).toFixed(6))).not.toEqual(inRound(0).map((ms) => ms.toFixed(6)));
});

test.each([
  [0, 0],
  [99.9, 0],
  [100, 1],
  [149.9, 1],
  [150, 0],
  [15_000_100, 1],
])('phaseAt %d ms', (elapsedMs, index) => {
  expect(phaseAt([constant(20, 100), constant(10, 50)], elapsedMs)).toBe(index);
});
