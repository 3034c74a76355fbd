import { expect, test } from 'vitest';
import type { Control, Samples } from '#lab/control.ts';
import { type ServiceName, serviceNames } from '#lab/engine/testbed.ts';
import { Growth, grown } from '#lab/run/growth.ts';

const scrape = (startedAtSeconds: number, count: number): Samples =>
  new Map([
    ['process_start_time_seconds', startedAtSeconds],
    ['c', count],
  ]);

test.each<[string, Samples[], number]>([
  ['of one process is the difference', [scrape(1, 5), scrape(1, 7)], 2],
  [
    'of one process does not depend on what was scraped in between',
    [scrape(1, 5), scrape(1, 6), scrape(1, 7)],
    2,
  ],
  ['of another process is all that it counted', [scrape(1, 5), scrape(2, 7)], 7],
  ['of another process of the same second is all that it counted', [scrape(1.2, 5), scrape(1.7, 7)], 7],
  ['adds up what both counted', [scrape(1, 5), scrape(1, 9), scrape(2, 3)], 7],
  ['is nothing without a second scrape', [scrape(1, 5)], 0],
])('grown %s', (_, scrapes, expected) => {
  expect(grown(scrapes).get('c') ?? 0).toBe(expected);
});

test('grown counts a series from 0 when it came later', () => {
  expect(grown([new Map(), new Map([['c', 3]])]).get('c')).toBe(3);
});

const answering = (answer: (name: ServiceName) => Samples) =>
  Object.fromEntries(
    serviceNames.map((name) => [name, { scrape: async () => answer(name) }]),
  ) as unknown as Record<ServiceName, Control>;

test('Growth knows which services are other processes than in the beginning', async () => {
  let gatewayStartedAt = 1;
  const growth = new Growth(answering((name) => scrape(name === 'gateway' ? gatewayStartedAt : 1, 4)));
  await growth.scrape();
  expect(growth.restarted).toEqual([]);
  gatewayStartedAt = 2;
  await growth.scrape(['gateway']);
  expect(growth.restarted).toEqual(['gateway']);
  expect([growth.grown.gateway.get('c'), growth.grown.consumer.get('c')]).toEqual([4, undefined]);
});

test('Growth.awake leaves out what a service counted around the time in which it stood still', async () => {
  let count = 0;
  const seen: number[] = [];
  // Each answer is one more; the first after the standstill comes before the timers that are late.
  const growth = new Growth(
    answering((name) => {
      if (name === 'downstream') seen.push(++count);
      return scrape(1, count);
    }),
  );
  await growth.scrape();
  count = 10;
  await growth.scrape(['downstream']);
  count = 30;
  await growth.resumed('downstream');
  expect(seen).toEqual([1, 11, 31, 32]);
  count = 40;
  await growth.scrape();
  expect(growth.grown.downstream.get('c')).toBe(40);
  expect(growth.awake.downstream.get('c')).toBe(10 + 9);
});

test('Growth.scrape waits no longer than it is told', async () => {
  const waits: unknown[] = [];
  const scrapes = async (_names: unknown, withinMs: unknown) => {
    waits.push(withinMs);
    return new Map();
  };
  const growth = new Growth({ gateway: { scrape: scrapes } } as unknown as Record<ServiceName, Control>);
  await growth.scrape(['gateway'], 25);
  expect(waits).toEqual([25]);
});

test('Growth.highest is the highest of all scrapes of one service, also of a process that is no more', async () => {
  const gauge = 'spillway_work_in_flight_peak';
  let peak = 2;
  const growth = new Growth(
    answering((name) => new Map(name === 'downstream' ? [[gauge, peak]] : [['c', 99]])),
  );
  expect(growth.highest('downstream', gauge)).toBeNull();
  for (peak of [2, 7, 3]) await growth.scrape();
  expect(growth.highest('downstream', gauge)).toBe(7);
  expect(growth.highest('gateway', gauge)).toBeNull();
});
