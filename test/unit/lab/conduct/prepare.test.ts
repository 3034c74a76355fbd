import { expect, test } from 'vitest';
import { widthOf } from '#lab/conduct/prepare.ts';
import { constant } from '#test/fixtures/counted.ts';

const experiment = {
  load: constant(50, 2000),
  seed: 1,
  deadlineMs: 500,
  warmup: { requests: 1000, concurrency: 200 },
};

test.each([
  ['the requests scheduled within a deadline of an open loop', {}, {}, 25],
  ['the callers of a closed loop', { callers: 3 }, {}, 3],
  ['what the file says, where that is less', {}, { warmup: { requests: 1, concurrency: 7 } }, 7],
  ['one request if hardly any is scheduled', {}, { load: constant(1, 2000), deadlineMs: 10 }, 1],
  [
    'a burst',
    {},
    { load: [{ arrivals: { kind: 'bursts', total: 100, size: 50, everyMs: 1000, spreadMs: 20 } }] },
    50,
  ],
])('widthOf warms up with %s at once', (_what, variant, change, expected) => {
  expect(widthOf({ ...experiment, ...change } as unknown as Parameters<typeof widthOf>[0], variant)).toBe(
    expected,
  );
});
