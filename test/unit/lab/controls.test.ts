import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Control, Samples } from '#lab/control.ts';
import { controlsOf, ServiceControl, together } from '#lab/controls.ts';
import type { ServiceProcess } from '#lab/engine/testbed.ts';

const says = (...samples: [series: string, value: number][]): Samples => new Map(samples);

test.each<[string, string, number[], number]>([
  ['counters, the sum', 'spillway_requests_total{outcome="ok"}', [3, 4, 5], 12],
  ['histograms, the sum', 'spillway_attempt_duration_seconds_bucket{le="0.0025"}', [3, 4, 5], 12],
  ['gauges of work, the sum', 'spillway_work_in_flight', [3, 4, 5], 12],
  ['metrics of Node, the sum', 'process_cpu_seconds_total', [3, 4, 5], 12],
  ['breakers, the highest', 'spillway_breaker_state', [0, 2, 1], 2],
  ['retry budgets, the least', 'spillway_retry_budget', [7, 0, 3], 0],
  ['what all see of the broker, the highest', 'spillway_stream_messages', [8, 9, 8], 9],
  [
    'one who does not know the backlog, that of those who do',
    'spillway_stream_messages',
    [8, Number.NaN, 9],
    9,
  ],
  ['one who does not know it first, likewise', 'spillway_stream_messages', [Number.NaN, 8], 8],
])('together is, of %s', (_what, series, values, expected) => {
  expect([...together(values.map((value) => says([series, value])))]).toEqual([[series, expected]]);
});

test('together keeps series apart, and takes those that only some have', () => {
  const [one, other] = ['spillway_requests_total{outcome="ok"}', 'spillway_requests_total{outcome="failed"}'];
  expect([...together([says([one, 1]), says([one, 2], [other, 3])])]).toEqual([
    [one, 3],
    [other, 3],
  ]);
  expect([...together([])]).toEqual([]);
});

/** Two consumers, of whom the second does something else, and what both were asked. */
function consumers(second: Partial<Control> = {}) {
  const asked: string[] = [];
  const port = (name: string, more: Partial<Control> = {}) => ({
    configure: async (config: unknown) => void asked.push(`${name} ${JSON.stringify(config)}`),
    scrape: async (names: unknown, withinMs: unknown) => {
      asked.push(`${name} ${names} ${withinMs}`);
      return says(['spillway_work_in_flight', 2]);
    },
    request: async (method: string, path: string) => asked.push(`${name} ${method} ${path}`),
    async *stream(path: string) {
      yield Buffer.from(`${name} ${path}\n`);
    },
    close: async () => void asked.push(`${name} closed`),
    ...more,
  });
  const ports = Object.entries({ 'consumer-1': port('1'), 'consumer-2': port('2', second) });
  return { asked, control: new ServiceControl(new Map(ports as unknown as [ServiceProcess, Control][])) };
}

test('ServiceControl asks every process', async () => {
  const { asked, control } = consumers();
  await control.configure({ a: 1 });
  expect(await control.scrape(['spillway_work_in_flight'], 250)).toEqual(
    says(['spillway_work_in_flight', 4]),
  );
  await control.request('DELETE', '/effects');
  await control.close();
  expect(asked).toEqual(
    ['{"a":1}', 'spillway_work_in_flight 250', 'DELETE /effects', 'closed'].flatMap((what) => [
      `1 ${what}`,
      `2 ${what}`,
    ]),
  );
  expect(await text(control.stream('/effects'))).toBe('1 /effects\n2 /effects\n');
});

test('ServiceControl fails where one process does', async () => {
  const no = () => Promise.reject(new Error('no'));
  const { control } = consumers({ configure: no, scrape: no, request: no });
  await expect(control.configure({})).rejects.toThrow('no');
  await expect(control.scrape()).rejects.toThrow('no');
  await expect(control.request('GET', '/')).rejects.toThrow('no');
});

test('controlsOf has a port for each URL, by the name of its process, and none of a service that is not ours', async () => {
  const url = 'http://127.0.0.1:1';
  const controls = controlsOf({
    control: { downstream: url, consumer: `${url},${url}` },
    traffic: { gateway: url, publisher: url },
    natsUrl: 'nats://127.0.0.1:1',
  });
  const { netproxy, ...services } = controls;
  const names = Object.entries(services).map(([service, { processes }]) => [service, [...processes.keys()]]);
  expect(Object.fromEntries(names)).toEqual({
    downstream: ['downstream'],
    gateway: [],
    publisher: [],
    consumer: ['consumer-1', 'consumer-2'],
  });
  expect(netproxy).toBeUndefined();
  expect(await controls.gateway.scrape()).toEqual(new Map());
  await Promise.all(Object.values(services).map((service) => service.close()));
});
