import { expect, test } from 'vitest';
import type { Injected } from '#lab/chaos/faults.ts';
import type { Control } from '#lab/control/control.ts';
import { type Controls, ServiceControl } from '#lab/control/controls.ts';
import { type ServiceProcess, serviceNames } from '#lab/engine/testbed.ts';
import { StallReader, stallResults } from '#lab/run/stalls.ts';
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

test('StallReader.read tells of the broker by its own name, and once if several publishers do', async () => {
  const ofBroker = { process: 'broker', ...stall };
  const reader = readerOf({
    publisher: portOf([stall, ofBroker, { ...ofBroker, fromMs: 1205, untilMs: 1305 }]),
    gateway: portOf([{ ...ofBroker, fromMs: 1010, untilMs: 1112 }]),
  });
  expect((await reader.read(summary)).all).toEqual([
    { ...stall, process: 'publisher' },
    ofBroker,
    { ...ofBroker, fromMs: 1205, untilMs: 1305 },
  ]);
});

const kill = { kind: 'kill' };
const latency = { kind: 'latency', ms: 100 };

test.each([
  ['event', undefined, 1],
  ['rpc', undefined, 0],
  ['event', { target: 'nats', fault: kill }, 0],
  ['event', { target: 'publisher->nats', fault: latency }, 0],
  ['event', { target: 'publisher-2', fault: kill }, 0],
  ['event', { target: 'consumer->nats', fault: latency }, 1],
  ['event', { target: 'nats', fault: kill, done: 'left alone' }, 1],
] as const)('a stall of the broker on the path %s with %o counts: %d', (path, fault, count) => {
  const stalls = { all: [{ process: 'broker', ...stall }], incomplete: [] };
  const { done = 'done', ...what } = { done: undefined, ...fault };
  const injected = [
    { fault: { ...what, name: 'it', atMs: 30, forMs: 5 }, done, beganAtMs: 1030, endedAtMs: 1035 },
  ];
  const observed = observation(path === 'rpc' ? 'calls' : 'events', {
    stalls,
    injected: (fault ? injected : []) as unknown as Injected[],
  });
  const found = stallResults(observed, path, { stallMs: 50, lagP99Ms: 2 });
  expect(found.map(({ process, cause }) => [process, cause])).toEqual(
    Array.from({ length: count }, () => ['broker', 'stopped']),
  );
});
