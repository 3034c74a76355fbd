import { expect, test } from 'vitest';
import type { Control } from '#lab/control/control.ts';
import { type Controls, ServiceControl } from '#lab/control/controls.ts';
import { type ServiceProcess, serviceNames } from '#lab/engine/testbed.ts';
import { readStalls, stallResults } from '#lab/run/stalls.ts';
import { observation } from './observation.ts';

const stall = { fromMs: 1005, untilMs: 1105, cpuMs: 0 };
const portOf = (stalls: object[]) =>
  ({ request: async () => JSON.stringify({ stalls, complete: true }) }) as unknown as Control;

test('readStalls asks the netproxy, too, where there is one', async () => {
  const services = serviceNames.map((name) => [
    name,
    new ServiceControl(new Map([[name as ServiceProcess, portOf([])]])),
  ]);
  const controls = { ...Object.fromEntries(services), netproxy: portOf([stall]) } as Controls;
  const { summary } = observation('calls');
  expect((await readStalls(controls, summary)).all).toEqual([{ process: 'netproxy', ...stall }]);
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
