import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { createWindow } from '#policies/breaker/window.ts';

const result = fc.record({ failed: fc.boolean(), slow: fc.boolean() });

test.prop([fc.integer({ min: 1, max: 8 }), fc.array(result)])(
  'createWindow: a count window holds only the last `size` results',
  (size, results) => {
    const window = createWindow({ kind: 'count', size }, new VirtualClock());
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

const good = { failed: false, slow: false };
const bad = { failed: true, slow: true };

test.each([
  ['kept to the end of the ninth bucket after its own', 999, 1],
  ['forgotten when the tenth begins', 1000, 0],
  ['forgotten after a pause of many windows', 123_456, 0],
])(
  'createWindow: a time window of 1000 ms in 10 buckets: a failure at 0 is %s',
  async (_sentence, laterMs, failures) => {
    const clock = new VirtualClock();
    const window = createWindow({ kind: 'time', ms: 1000, buckets: 10 }, clock);
    window(bad);
    await clock.advance(laterMs);
    expect(window(good)).toEqual({ calls: 1 + failures, failures, slow: failures });
  },
);

test.prop([
  fc.integer({ min: 1, max: 12 }),
  fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.boolean()), { maxLength: 20 }),
])(
  'createWindow: a time window holds the results of the buckets that reach back `ms` at most',
  async (buckets, results) => {
    const clock = new VirtualClock();
    const window = createWindow({ kind: 'time', ms: 1200, buckets }, clock);
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
  },
);
