import { expect, test } from 'vitest';
import { sleep } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { type Scraper, scraperOf } from '#lab/conduct/scraper.ts';
import { CounterDeltas } from '#lab/evidence/counter-deltas.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import { type ServiceName, serviceNames } from '#lab/kit/topology/names.ts';
import type { Controls } from '#lab/world/controls.ts';
import { alone, replicated } from './controls.ts';

const scrape = (startedAtSeconds: number, count: number): Samples =>
  new Map([
    ['process_start_time_seconds', startedAtSeconds],
    ['c', count],
  ]);

/** Creates a scraper. `counterDeltas` has the counter deltas of all its scrapes so far. */
function follow(controls: Controls) {
  const scraper = scraperOf(controls, 'rpc', new VirtualClock(), () => undefined);
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

test('CounterDeltas.awake leaves out counts of a service around its stall', async () => {
  let count = 0;
  const seen: number[] = [];
  // The counter grows by one with each answer. `resumed` scrapes twice, since the process may give its first answer
  // before it runs timers that are late.
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
  expect(followed.counterDeltas.awake('downstream').get('c')).toBe(10 + 9);
});

test('CounterDeltas.highest is the highest of all scrapes of one service, also of a process that has ended', async () => {
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

test('CounterDeltas follows each process of a service separately, and adds up their counts', async () => {
  const says: Record<string, Samples> = { 'consumer-1': scrape(1, 10), 'consumer-2': scrape(1, 20) };
  const port = (name: string) => ({ scrape: async () => says[name] });
  const followed = follow(
    replicated({ consumer: { 'consumer-1': port('consumer-1'), 'consumer-2': port('consumer-2') } }),
  );
  await followed.scrape();
  says['consumer-1'] = scrape(1, 13);
  // consumer-2 is a new process that counts from 0, so all of its 5 are growth.
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
});

test('scraperOf records each scrape with its time, and whether it follows a halt', async () => {
  const records: unknown[] = [];
  const clock = new VirtualClock();
  const controls = alone({ gateway: { scrape: async () => scrape(1, Number.NaN) } });
  const scraper = scraperOf(controls, 'rpc', clock, (record) => records.push(record));
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

type Answer = Samples | Error;
type Failures = Partial<Record<'disk-full' | 'disk' | 'forgotten', number>>;

const gone = new Error('it does not respond');

const saying = (failures: Failures): Samples =>
  new Map(
    Object.entries(failures).map(([reason, count]) => [
      reason === 'forgotten'
        ? 'spillway_effects_forgotten_total'
        : `spillway_storage_failures_total{reason="${reason}"}`,
      count,
    ]),
  );

interface Rig {
  readonly path?: 'rpc' | 'event';
  /** Returns the answer of a process at a time. */
  readonly answer?: (name: string, atMs: number) => Answer;
  /** Delay of every answer. */
  readonly takesMs?: number;
}

/** Creates a scraper on virtual time. `asked` lists each scrape with its process and its timeout in ms. */
function rig({ path = 'rpc', answer = (_name, atMs) => new Map([['c', atMs]]), takesMs = 0 }: Rig = {}) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const reasons: Record<string, string | undefined> = {};
  const port = (name: string) => ({
    async scrape(_names: readonly string[], withinMs: number): Promise<Samples> {
      asked.push(`${name} ${withinMs}`);
      const answered = answer(name, clock.now());
      if (takesMs > 0) await sleep(takesMs, clock);
      if (answered instanceof Error) throw answered;
      return answered;
    },
    unready: async () => reasons[name],
  });
  const records: Of<'sample'>[] = [];
  const controls = alone(Object.fromEntries(serviceNames.map((name) => [name, port(name)])));
  const write = (record: unknown) => records.push(record as Of<'sample'>);
  const scraper = scraperOf(controls, path, clock, write, async () => ({ messages: 42 }));
  return { clock, asked, reasons, records, scraper };
}

test.each([
  [0, 49, [0]],
  [0, 50, [0, 50]],
  [0, 101, [0, 50, 100]],
  [5, 109, [0, 55]],
  [5, 110, [0, 55, 110]],
])('scraperOf with answers after %d ms has in %d ms samples of %j', async (takesMs, ms, expected) => {
  const { clock, records, scraper } = rig({ takesMs });
  scraper.begin(50);
  await clock.advance(ms);
  const stopped = scraper.stop();
  await clock.run();
  await stopped;
  expect(records).toEqual(
    expected.map((atMs) => ({
      record: 'sample',
      atMs,
      processes: { gateway: { c: atMs }, downstream: { c: atMs } },
    })),
  );
  expect(clock.pending).toBe(0);
});

test('scraperOf.stop ends at once while it waits, without one more sample', async () => {
  const { clock, asked, records, scraper } = rig();
  scraper.begin(50);
  await clock.advance(20);
  await scraper.stop();
  expect([records.length, asked.length, clock.pending]).toEqual([1, 2, 0]);
});

test.each([
  ['rpc', ['gateway 250', 'downstream 250']],
  ['event', ['publisher 250', 'consumer 250', 'downstream 250']],
] as const)('scraperOf samples the processes on the path %s at the same time', async (path, expected) => {
  const { clock, asked, scraper } = rig({ path, takesMs: 5 });
  scraper.begin(50);
  expect(asked).toEqual(expected);
  const stopped = scraper.stop();
  await clock.run();
  await stopped;
});

test('scraperOf records a gap of a process that does not respond, and goes on when it does again', async () => {
  const answer = (name: string, atMs: number) =>
    name === 'downstream' && atMs === 50 ? gone : new Map([['c', atMs]]);
  const { clock, records, scraper } = rig({ answer });
  scraper.begin(50);
  await clock.advance(100);
  await scraper.stop();
  expect(records.map(({ processes }) => processes.downstream)).toEqual([{ c: 0 }, null, { c: 100 }]);
});

test.each<[string, Failures, string | undefined, object]>([
  [
    'a full disk, and why',
    { 'disk-full': 5 },
    'no space left',
    { name: 'disk-full', message: 'publisher: no space left' },
  ],
  [
    'a failure that is over',
    { disk: 5 },
    undefined,
    { message: 'publisher could not store something for a while' },
  ],
  [
    'a failure of a paused service',
    { disk: 5 },
    'paused',
    { name: 'disk', message: expect.stringMatching(/for a while$/) },
  ],
  ['effects that were forgotten', { forgotten: 5 }, undefined, { name: 'effects-forgotten' }],
])('scraperOf.refuseUnstored names %s', async (_what, found, reason, expected) => {
  let failures: Failures = Object.fromEntries(Object.keys(found).map((name) => [name, 4]));
  const answer = (name: string) => (name === 'publisher' ? saying(failures) : new Map());
  const { reasons, scraper } = rig({ path: 'event', answer });
  reasons.publisher = reason;
  await scraper.scrape();
  await scraper.scrape();
  await scraper.refuseUnstored(); // what failed before the first scrape does not count
  failures = found;
  await scraper.scrape();
  await expect(scraper.refuseUnstored()).rejects.toMatchObject(expected);
});

test('scraperOf.workInFlight is that of downstream in the latest sample', async () => {
  const answer = (name: string, atMs: number) =>
    atMs === 50 ? gone : new Map([['spillway_work_in_flight', name === 'downstream' ? 7 : 1]]);
  const { clock, scraper } = rig({ answer });
  scraper.begin(50);
  await clock.advance(20);
  expect(scraper.workInFlight).toBe(7);
  await clock.advance(40);
  expect(scraper.workInFlight).toBeUndefined();
  await scraper.stop();
});

test('scraperOf takes the backlog from the broker while the consumer does not respond', async () => {
  const isSilent = (name: string, atMs: number) => name === 'consumer' && atMs >= 50;
  const { clock, records, scraper } = rig({
    path: 'event',
    answer: (name, atMs) => (isSilent(name, atMs) ? new Error('paused') : new Map([['c', 1]])),
  });
  scraper.begin(50);
  await clock.advance(60);
  const stopped = scraper.stop();
  await clock.advance(50);
  await stopped;
  expect(records.map(({ backlog }) => backlog)).toEqual([undefined, 42]);
});
