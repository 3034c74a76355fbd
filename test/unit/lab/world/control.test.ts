import { expect, test } from 'vitest';
import type { Samples } from '#lab/evidence/samples.ts';
import type { ServiceProcess } from '#lab/kit/topology/names.ts';
import { type Control, controlsOf } from '#lab/world/control.ts';
import { ServiceControl } from '#lab/world/controls.ts';

const says = (...samples: [series: string, value: number][]): Samples => new Map(samples);

/** Creates the control of two consumers. `asked` records all requests. `second` replaces methods of consumer 2. */
function consumers(second: Partial<Control> = {}) {
  const asked: string[] = [];
  const port = (name: string, more: Partial<Control> = {}) => ({
    configure: async (config: unknown) => void asked.push(`${name} ${JSON.stringify(config)}`),
    scrape: async (names: unknown, withinMs: unknown) => {
      asked.push(`${name} ${names} ${withinMs}`);
      return says(['spillway_work_in_flight', 2]);
    },
    request: async (method: string, path: string) => asked.push(`${name} ${method} ${path}`),
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
