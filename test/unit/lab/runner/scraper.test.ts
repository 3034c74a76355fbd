import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { CounterDeltas } from '#lab/evidence/counter-deltas.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import { Scraper } from '#lab/runner/scraper.ts';
import type { Controls } from '#lab/testbed/control/controls.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { alone, replicated } from './controls.ts';

const scrape = (startedAtSeconds: number, count: number): Samples =>
  new Map([
    ['process_start_time_seconds', startedAtSeconds],
    ['c', count],
  ]);

/** What is read of a testbed, and what it says of all that was read so far. */
function follow(controls: Controls) {
  const scraper = new Scraper(controls, 'rpc', new VirtualClock(), () => undefined);
  return {
    scrape: (...of: Parameters<Scraper['scrape']>) => scraper.scrape(...of),
    resumed: (...of: Parameters<Scraper['resumed']>) => scraper.resumed(...of),
    get counterDeltas() {
      return new CounterDeltas(scraper.scrapes);
    },
  };
}

const answering = (answer: (name: ServiceName) => Samples) =>
  alone(Object.fromEntries(serviceNames.map((name) => [name, { scrape: async () => answer(name) }])));

test('Growth knows which services are other processes than in the beginning', async () => {
  let gatewayStartedAt = 1;
  const followed = follow(answering((name) => scrape(name === 'gateway' ? gatewayStartedAt : 1, 4)));
  await followed.scrape();
  expect(followed.counterDeltas.restarted).toEqual([]);
  gatewayStartedAt = 2;
  await followed.scrape(['gateway']);
  expect(followed.counterDeltas.restarted).toEqual(['gateway']);
  expect([
    followed.counterDeltas.deltas.gateway.get('c'),
    followed.counterDeltas.deltas.consumer.get('c'),
  ]).toEqual([4, undefined]);
});

test('Growth.awake leaves out what a service counted around the time in which it stood still', async () => {
  let count = 0;
  const seen: number[] = [];
  // Each answer is one more; the first after the standstill comes before the timers that are late.
  const followed = follow(
    answering((name) => {
      if (name === 'downstream') seen.push(++count);
      return scrape(1, count);
    }),
  );
  await followed.scrape();
  count = 10;
  await followed.scrape(['downstream']);
  count = 30;
  await followed.resumed('downstream');
  expect(seen).toEqual([1, 11, 31, 32]);
  count = 40;
  await followed.scrape();
  expect(followed.counterDeltas.deltas.downstream.get('c')).toBe(40);
  expect(followed.counterDeltas.awake.downstream.get('c')).toBe(10 + 9);
});

test('Scraper.scrape waits no longer than it is told', async () => {
  const waits: unknown[] = [];
  const scrapes = async (_names: unknown, withinMs: unknown) => {
    waits.push(withinMs);
    return new Map();
  };
  const followed = follow(alone({ gateway: { scrape: scrapes } }));
  await followed.scrape(['gateway'], 25);
  expect(waits).toEqual([25]);
});

test('Growth.highest is the highest of all scrapes of one service, also of a process that is no more', async () => {
  const gauge = 'spillway_work_in_flight_peak';
  let peak = 2;
  const followed = follow(
    answering((name) => new Map(name === 'downstream' ? [[gauge, peak]] : [['c', 99]])),
  );
  expect(followed.counterDeltas.highest('downstream', gauge)).toBeNull();
  for (peak of [2, 7, 3]) await followed.scrape();
  expect(followed.counterDeltas.highest('downstream', gauge)).toBe(7);
  expect(followed.counterDeltas.highest('gateway', gauge)).toBeNull();
});

test('Growth follows each process of a service by itself, and adds up what they counted', async () => {
  const says: Record<string, Samples> = { 'consumer-1': scrape(1, 10), 'consumer-2': scrape(1, 20) };
  const port = (name: string) => ({ scrape: async () => says[name] });
  const followed = follow(
    replicated({ consumer: { 'consumer-1': port('consumer-1'), 'consumer-2': port('consumer-2') } }),
  );
  await followed.scrape();
  says['consumer-1'] = scrape(1, 13);
  // Another process, so that what it says is all that it has counted, though it is less.
  says['consumer-2'] = scrape(2, 5);
  await followed.scrape();
  expect(followed.counterDeltas.restarted).toEqual(['consumer-2']);
  expect([...followed.counterDeltas.byProcess].map(([name, samples]) => [name, samples.get('c')])).toEqual([
    ['consumer-1', 3],
    ['consumer-2', 5],
  ]);
  expect(followed.counterDeltas.deltas.consumer.get('c')).toBe(8);
  await followed.scrape(['consumer-1']);
  expect(followed.counterDeltas.deltas.consumer.get('c')).toBe(8);
  await expect(followed.scrape(['consumer-3'])).rejects.toThrow('expected one of consumer-1, consumer-2');
});

test('Growth.awake leaves out what one process counted around its standstill, and not what another did meanwhile', async () => {
  let count = 0;
  const port = { scrape: async () => scrape(1, count) };
  const followed = follow(replicated({ downstream: { 'downstream-1': port, 'downstream-2': { ...port } } }));
  await followed.scrape();
  count = 10;
  await followed.resumed('downstream-2');
  await followed.scrape();
  expect([
    followed.counterDeltas.deltas.downstream.get('c'),
    followed.counterDeltas.awake.downstream.get('c'),
  ]).toEqual([20, 10]);
});

test('Growth.highest of several processes is the sum of what each had at most', async () => {
  const gauge = 'spillway_work_in_flight_peak';
  const says = { one: 2, other: 5 };
  const port = (name: keyof typeof says) => ({ scrape: async () => new Map([[gauge, says[name]]]) });
  const followed = follow(
    replicated({ downstream: { 'downstream-1': port('one'), 'downstream-2': port('other') } }),
  );
  await followed.scrape();
  says.one = 7;
  says.other = 1;
  await followed.scrape();
  expect(followed.counterDeltas.highest('downstream', gauge)).toBe(7 + 5);
});

test('Scraper records each scrape with its time, and whether it follows a halt', async () => {
  const records: unknown[] = [];
  const clock = new VirtualClock();
  const controls = alone({ gateway: { scrape: async () => scrape(1, Number.NaN) } });
  const scraper = new Scraper(controls, 'rpc', clock, (record) => records.push(record));
  await scraper.scrape();
  await clock.advance(7);
  await scraper.resumed('gateway');
  const counters = { process_start_time_seconds: 1, c: Number.NaN };
  const of = { record: 'scrape', process: 'gateway', counters };
  expect(records).toEqual([
    { ...of, atMs: 0, afterHalt: false },
    { ...of, atMs: 7, afterHalt: true },
  ]);
});
