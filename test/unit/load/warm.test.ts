import { expect, test } from 'vitest';
import { Ramp } from '#load/warm.ts';

/** Returns the widths (concurrent requests) of a warm-up ramp. `latencyMs` returns the latency of a request. */
function widths(max: number, latencyMs: (width: number, request: number) => number): number[] {
  const ramp = new Ramp(max);
  const seen = [ramp.width];
  for (let request = 0; request < 1000; request++) {
    ramp.add(latencyMs(ramp.width, request));
    if (seen.at(-1) !== ramp.width) seen.push(ramp.width);
  }
  return seen;
}

test('Ramp doubles up to the most while the latency stays the same', () => {
  expect(widths(20, () => 10)).toEqual([1, 2, 4, 8, 16, 20]);
});

test('Ramp goes back by one step once the latency rises, and stays there', () => {
  expect(widths(200, (width) => 10 * Math.max(1, width / 4))).toEqual([1, 2, 4, 8, 4]);
});

test('Ramp does not take the slow beginning of cold code for a rise', () => {
  expect(widths(4, (_, request) => (request < 8 ? 100 : 2))).toEqual([1, 2, 4]);
});
