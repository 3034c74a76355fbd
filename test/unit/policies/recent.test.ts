import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { recent } from '#policies/recent.ts';

const rig = () => {
  const clock = new VirtualClock();
  return { clock, counts: recent(['calls', 'bytes'], { ms: 1000, buckets: 10 }, clock) };
};

test('recent sums up each of its counts', () => {
  const { counts } = rig();
  counts({ calls: 1, bytes: 20 });
  expect(counts({ bytes: 5 })).toEqual({ calls: 1, bytes: 25 });
  expect(counts()).toEqual({ calls: 1, bytes: 25 });
});

test.each([
  ['just before its bucket is as old as the window', 999, 1],
  ['when its bucket is as old as the window', 1000, 0],
  ['after a pause much longer than the window', 123_456, 0],
])('recent holds a call %s: after %i ms %i', async (_sentence, ms, calls) => {
  const { clock, counts } = rig();
  counts({ calls: 1 });
  await clock.advance(ms);
  expect(counts().calls).toBe(calls);
});

test('recent forgets a bucket at a time', async () => {
  const { clock, counts } = rig();
  for (let i = 0; i < 20; i++) {
    counts({ calls: 1 });
    await clock.advance(50);
  }
  expect(counts().calls).toBe(18);
  await clock.advance(100);
  expect(counts().calls).toBe(16);
});

test.each([
  ['with the others of that time', 999, { calls: 1, bytes: 3 }, { calls: 0, bytes: 0 }],
  ['not at all when that time is forgotten', 1000, { calls: 0, bytes: 0 }, { calls: 0, bytes: 0 }],
])('recent takes a count of an earlier time %s', async (_sentence, ms, then, afterwards) => {
  const { clock, counts } = rig();
  counts({ calls: 1 });
  await clock.advance(ms);
  expect(counts({ bytes: 3 }, 0)).toEqual(then);
  await clock.advance(1);
  expect(counts()).toEqual(afterwards);
});
