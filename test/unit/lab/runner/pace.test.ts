import { expect, test } from 'vitest';
import { busiest, factorFor } from '#lab/runner/pace.ts';

test.each([
  ['little overhead and CPU needs no slow motion', 0.1, 0.6, 1],
  ['2 ms on 11 ms', 2 / 11, 0.1, 2],
  ['3.3 ms on 11 ms', 3.3 / 11, 0.1, 4],
  ['bursts that use 61 % of the CPU', 0.05, 0.61, 2],
  ['what even 8 does not help', 5, 0.1, 8],
  ['stalls of 50 ms that matter', 0.1, 0.6, 1, 1],
  ['stalls of 30 ms that matter', 0.1, 0.6, 2, 50 / 30],
])('factorFor: %s', (_case, overheadRatio, cpuRatio, factor, stallRatio = 0) => {
  expect(factorFor(overheadRatio, cpuRatio, stallRatio)).toBe(factor);
});

test('busiest returns the times of the fullest span, ends included', () => {
  expect(busiest([0, 100, 200, 210, 220, 300], 20)).toEqual([200, 210, 220]);
  expect(busiest([0, 100, 200, 210, 220, 300], 100)).toEqual([200, 210, 220, 300]);
  expect(busiest([], 100)).toEqual([]);
});
