import { expect, test } from 'vitest';
import { StallReader, stallResults } from '#lab/analysis/stalls.ts';
import type { Control } from '#lab/control/control.ts';
import { type Controls, ServiceControl } from '#lab/control/controls.ts';
import { type ServiceProcess, serviceNames } from '#lab/engine/testbed.ts';
import { observation } from './observation.ts';

const stall = { fromMs: 1005, untilMs: 1105, cpuMs: 0 };
const portOf = (stalls: object[]) =>
  ({ request: async () => JSON.stringify({ stalls, complete: true }) }) as unknown as Control;

function readerOf(ports: Partial<Record<string, Control>>): StallReader {
  const services = serviceNames.map((name) => [
    name,
    new ServiceControl(new Map([[name as ServiceProcess, ports[name] ?? portOf([])]])),
  ]);
  return new StallReader({ ...Object.fromEntries(services), netproxy: ports.netproxy } as Controls);
}

const { summary } = observation('calls');

test('StallReader.read asks the netproxy, too, where there is one', async () => {
  const { all } = await readerOf({ netproxy: portOf([stall]) }).read(summary);
  expect(all).toEqual([{ process: 'netproxy', ...stall }]);
});

test('StallReader keeps the stalls of a process that is killed, and none from before the load', async () => {
  const before = { ...stall, fromMs: 10, untilMs: 110 };
  const told = [[before, stall], []];
  const gateway = { request: async () => JSON.stringify({ stalls: told.shift(), complete: true }) };
  const reader = readerOf({ gateway: gateway as unknown as Control });
  await reader.keep(['gateway'], 250);
  expect((await reader.read(summary)).all).toEqual([{ process: 'gateway', ...stall }]);
});

test('StallReader.read tells once of a stall that a process goes on telling of', async () => {
  const reader = readerOf({ gateway: portOf([stall]) });
  await reader.keep(['gateway'], 250);
  expect((await reader.read(summary)).all).toEqual([{ process: 'gateway', ...stall }]);
});

test.each([
  ['gateway->downstream', 'rpc', 1],
  ['gateway->downstream', 'event', 0],
  ['consumer->nats', 'event', 1],
  ['gateway', 'rpc', 0],
] as const)(
  'a stall of the netproxy, with a fault for %s, counts on the path %s: %d',
  (target, path, count) => {
    const observed = observation(path === 'rpc' ? 'calls' : 'events', {
      stalls: { all: [{ process: 'netproxy', ...stall }], incomplete: [] },
    });
    const found = stallResults(observed, path, { stallMs: 50, lagP99Ms: 2 }, [{ target }]);
    expect(found).toHaveLength(count);
  },
);
