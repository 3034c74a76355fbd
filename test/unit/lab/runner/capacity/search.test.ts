import { expect, test } from 'vitest';
import { highestRate } from '#lab/runner/capacity/search.ts';

/** What is tried on the way to a capacity, and what is found. */
async function searched(expected: number, capacity: number, precision = 1.04) {
  const tried: number[] = [];
  const bracket = await highestRate(expected, precision, async (rate) => {
    tried.push(rate);
    return rate <= capacity;
  });
  return { ...bracket, tried };
}

test.each([1, 39, 99, 100, 101, 180, 5000, 25_000])('highestRate brackets %d', async (capacity) => {
  const { low, high, tried } = await searched(100, capacity);
  expect(low).toBeLessThanOrEqual(capacity);
  expect(high).toBeGreaterThan(capacity);
  expect(high / low).toBeLessThanOrEqual(1.04);
  expect(tried).toContain(low);
  expect(tried).toContain(high);
});

test('highestRate needs few tries where it was expected, and not many more far from there', async () => {
  expect((await searched(100, 98)).tried.length).toBeLessThanOrEqual(4);
  expect((await searched(100, 1000)).tried.length).toBeLessThanOrEqual(13);
});

test.each([
  [Number.POSITIVE_INFINITY, /^it holds up to \d+ a second, and nobody looked farther$/],
  [0, /^it does not even hold at 0\.\d+ a second$/],
])('highestRate gives up where there is none: %d', async (capacity, message) => {
  await expect(searched(100, capacity)).rejects.toThrow(message);
});
