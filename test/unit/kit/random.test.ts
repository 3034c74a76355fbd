import { describe, expect, test } from 'vitest';
import { drawFor, stream } from '#kit/random.ts';

const ids = Array.from({ length: 40_000 }, (_, i) => `r${i}`);

/** Returns Pearson's χ² over equal bins. For uniform draws and 100 bins it exceeds 149 once in a thousand times. */
function chiSquare(draws: readonly number[], bins = 100): number {
  const counts = new Array<number>(bins).fill(0);
  for (const draw of draws) counts[Math.floor(draw * bins)]! += 1;
  const expected = draws.length / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Returns the correlation of two columns. At 40,000 pairs, 0.02 is four standard errors. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  return xs.reduce((sum, x, i) => sum + (x - 0.5) * (ys[i]! - 0.5), 0) / xs.length / (1 / 12);
}

describe('drawFor', () => {
  test.each([1, 2, 7, 2 ** 31, -1])('is uniform over the ids, seed %d', (seed) => {
    expect(chiSquare(ids.map((id) => drawFor(seed, id, 1, 'failure')))).toBeLessThan(149);
  });

  test('never changes from version to version, since a seed repeats a run', () => {
    expect(drawFor(1, 'r0', 1, 'failure')).toBe(0.7232119352556765);
    expect(drawFor(1, 'r0', 1, 'latency')).toBe(0.9512133616954088);
    expect(drawFor(7, 'r1999', 4, 'backoff')).toBe(0.8185834204778075);
  });

  test.each([
    ['seed', (id: string) => drawFor(2, id, 1, 'failure')],
    ['attempt', (id: string) => drawFor(1, id, 2, 'failure')],
    ['purpose', (id: string) => drawFor(1, id, 1, 'latency')],
    ['next id', (id: string) => drawFor(1, `r${Number(id.slice(1)) + 1}`, 1, 'failure')],
  ])('of another %s is independent', (_what, other) => {
    const draws = ids.map((id) => drawFor(1, id, 1, 'failure'));
    expect(Math.abs(correlation(draws, ids.map(other)))).toBeLessThan(0.02);
  });
});

describe('stream', () => {
  const take = (seed: number, purpose: string, count = 40_000) => {
    const draw = stream(seed, purpose);
    return Array.from({ length: count }, draw);
  };

  test('is uniform and in [0, 1)', () => {
    const draws = take(1, 'arrivals');
    expect(chiSquare(draws)).toBeLessThan(149);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
  });

  test('repeats with its seed and purpose', () => {
    expect(take(5, 'arrivals', 50)).toEqual(take(5, 'arrivals', 50));
  });

  test.each([
    ['seed', take(2, 'arrivals')],
    ['purpose', take(1, 'faults')],
  ])('of another %s is independent', (_what, other) => {
    expect(Math.abs(correlation(take(1, 'arrivals'), other))).toBeLessThan(0.02);
  });
});
