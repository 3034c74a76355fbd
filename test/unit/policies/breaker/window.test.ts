import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { countWindow, timeWindow } from '#policies/breaker/window.ts';

const result = fc.record({ failed: fc.boolean(), slow: fc.boolean() });

test.prop([fc.integer({ min: 1, max: 8 }), fc.array(result)])(
  'countWindow holds the last `size` results, no matter what came before',
  (size, results) => {
    const window = countWindow(size);
    for (const [index, result] of results.entries()) {
      const last = results.slice(Math.max(0, index + 1 - size), index + 1);
      expect(window(result)).toEqual({
        calls: last.length,
        failures: last.filter(({ failed }) => failed).length,
        slow: last.filter(({ slow }) => slow).length,
      });
    }
  },
);

test.prop([
  fc.integer({ min: 1, max: 12 }),
  fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.boolean()), { maxLength: 20 }),
])('timeWindow holds the results of the buckets that reach back `ms` at most', async (buckets, results) => {
  const clock = new VirtualClock();
  const window = timeWindow(1200, buckets, clock);
  const widthMs = 1200 / buckets;
  const seen: { bucket: number; failed: boolean }[] = [];
  for (const [pauseMs, failed] of results) {
    await clock.advance(pauseMs);
    const bucket = Math.floor(clock.now() / widthMs + 1e-9);
    seen.push({ bucket, failed });
    const held = seen.filter((result) => result.bucket > bucket - buckets);
    const tally = window({ failed, slow: false });
    expect(tally.calls).toBe(held.length);
    expect(tally.failures).toBe(held.filter((result) => result.failed).length);
  }
});
