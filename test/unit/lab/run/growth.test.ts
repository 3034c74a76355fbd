import { expect, test } from 'vitest';
import type { Samples } from '#lab/control/samples.ts';
import { type ServiceName, serviceNames } from '#lab/engine/testbed.ts';
import { Growth, grown } from '#lab/run/growth.ts';
import { alone, replicated } from './controls.ts';

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
  alone(Object.fromEntries(serviceNames.map((name) => [name, { scrape: async () => answer(name) }])));

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
  const growth = new Growth(alone({ gateway: { scrape: scrapes } }));
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

test('Growth follows each process of a service by itself, and adds up what they counted', async () => {
  const says: Record<string, Samples> = { 'consumer-1': scrape(1, 10), 'consumer-2': scrape(1, 20) };
  const port = (name: string) => ({ scrape: async () => says[name] });
  const growth = new Growth(
    replicated({ consumer: { 'consumer-1': port('consumer-1'), 'consumer-2': port('consumer-2') } }),
  );
  await growth.scrape();
  says['consumer-1'] = scrape(1, 13);
  // Another process, so that what it says is all that it has counted, though it is less.
  says['consumer-2'] = scrape(2, 5);
  await growth.scrape();
  expect(growth.restarted).toEqual(['consumer-2']);
  expect([...growth.each].map(([name, samples]) => [name, samples.get('c')])).toEqual([
    ['consumer-1', 3],
    ['consumer-2', 5],
  ]);
  expect(growth.grown.consumer.get('c')).toBe(8);
  await growth.scrape(['consumer-1']);
  expect(growth.grown.consumer.get('c')).toBe(8);
  await expect(growth.scrape(['consumer-3'])).rejects.toThrow('expected one of consumer-1, consumer-2');
});

test('Growth.awake leaves out what one process counted around its standstill, and not what another did meanwhile', async () => {
  let count = 0;
  const port = { scrape: async () => scrape(1, count) };
  const growth = new Growth(
    replicated({ downstream: { 'downstream-1': port, 'downstream-2': { ...port } } }),
  );
  await growth.scrape();
  count = 10;
  await growth.resumed('downstream-2');
  await growth.scrape();
  expect([growth.grown.downstream.get('c'), growth.awake.downstream.get('c')]).toEqual([20, 10]);
});

test('Growth.highest of several processes is the sum of what each had at most', async () => {
  const gauge = 'spillway_work_in_flight_peak';
  const says = { one: 2, other: 5 };
  const port = (name: keyof typeof says) => ({ scrape: async () => new Map([[gauge, says[name]]]) });
  const growth = new Growth(
    replicated({ downstream: { 'downstream-1': port('one'), 'downstream-2': port('other') } }),
  );
  await growth.scrape();
  says.one = 7;
  says.other = 1;
  await growth.scrape();
  expect(growth.highest('downstream', gauge)).toBe(7 + 5);
});
