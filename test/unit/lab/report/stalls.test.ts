import { expect, test } from 'vitest';
import { describeStalls } from '#lab/report/stalls.ts';

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
  expect(describeStalls(stalls).map((text) => text.replaceAll('\u00a0', ' '))).toEqual([
    'gateway stood still 2 times for 250 ms in all and 150 ms at most, between 100 ms and 450 ms (at most 900 requests in one)',
    'consumer stood still for 100 ms at 500 ms (7 requests)',
  ]);
});
