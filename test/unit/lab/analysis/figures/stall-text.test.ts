import { expect, test } from 'vitest';
import { describeStalls } from '#lab/analysis/figures/stall-text.ts';
import { plain } from '#lab/text/format.ts';

const stall = (process: string, fromMs: number, untilMs: number, requests: number) => ({
  process,
  fromMs,
  untilMs,
  cpuMs: 0,
  cause: 'stopped' as const,
  requests,
});

test('describeStalls does not count a request twice that is in several stalls of a process', () => {
  const stalls = [
    stall('gateway', 100, 200, 900),
    stall('gateway', 300, 450, 800),
    stall('consumer', 500, 600, 7),
  ];
  expect(describeStalls(stalls).map(plain)).toEqual([
    'gateway paused 2 times, for up to 150 ms, between 100 ms and 450 ms (up to 900 requests each)',
    'consumer paused for 100 ms at 500 ms (7 requests)',
  ]);
});

test('describeStalls says the real time of stalls in slow motion', () => {
  const stalls = [stall('gateway', 100, 274, 30)];
  expect(describeStalls(stalls, 8).map(plain)).toEqual([
    'gateway paused for 174 ms (1.39 s real time) at 100 ms (30 requests)',
  ]);
});
