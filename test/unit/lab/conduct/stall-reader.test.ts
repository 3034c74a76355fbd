import { expect, test } from 'vitest';
import { type StallReader, stallReader } from '#lab/conduct/stall-reader.ts';
import { type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import type { Control } from '#lab/world/control.ts';
import { type Controls, ServiceControl } from '#lab/world/controls.ts';
import type { Summary } from '#load/protocol.ts';

const stall = { fromMs: 1005, untilMs: 1105, cpuMs: 0 };
const portOf = (stalls: object[]) =>
  ({ request: async () => JSON.stringify({ stalls, complete: true }) }) as unknown as Control;

/** Clocks of processes that are `aheadMs` ahead of the lab's clock. */
const clocksAhead = (aheadMs: number) => ({
  toLab: (_process: string, ms: number) => ms - aheadMs,
  notLater: (_process: string, ms: number) => ms + aheadMs,
});

function readerOf(ports: Partial<Record<string, Control>>, clocks = clocksAhead(0)): StallReader {
  const services = serviceNames.map((name) => [
    name,
    new ServiceControl(new Map([[name as ServiceProcess, ports[name] ?? portOf([])]])),
  ]);
  return stallReader({ ...Object.fromEntries(services), netproxy: ports.netproxy } as Controls, clocks);
}

const summary = { startedAtMs: 1000, stalled: { stalls: [], complete: true } } as unknown as Summary;

test('stallReader keeps the stalls of a process that is killed, and none from before the load', async () => {
  const before = { ...stall, fromMs: 10, untilMs: 110 };
  const answers = [[before, stall], []];
  const gateway = { request: async () => JSON.stringify({ stalls: answers.shift(), complete: true }) };
  const reader = readerOf({ gateway: gateway as unknown as Control });
  await reader.keep(['gateway'], 250);
  expect((await reader.read(summary)).all).toEqual([{ process: 'gateway', ...stall }]);
});

test('stallReader.read reports a stall once, even if a process repeats it', async () => {
  const reader = readerOf({ gateway: portOf([stall]) });
  await reader.keep(['gateway'], 250);
  expect((await reader.read(summary)).all).toEqual([{ process: 'gateway', ...stall }]);
});

test('stallReader.read reports the broker by its own name', async () => {
  const ofBroker = { process: 'broker', ...stall };
  const reader = readerOf({
    publisher: portOf([stall, ofBroker]),
  });
  expect((await reader.read(summary)).all).toEqual([{ ...stall, process: 'publisher' }, ofBroker]);
});

test('stallReader.read asks each process by its own clock, and converts its times to the clock of the lab', async () => {
  const asked: string[] = [];
  const ahead = { ...stall, fromMs: 501_005, untilMs: 501_105 };
  const request = async (_method: string, path: string) => {
    asked.push(path);
    return JSON.stringify({
      stalls: [ahead, { ...ahead, fromMs: 500_900, untilMs: 500_990 }],
      complete: true,
    });
  };
  const reader = readerOf({ gateway: { request } as unknown as Control }, clocksAhead(500_000));
  expect((await reader.read(summary)).all).toEqual([{ process: 'gateway', ...stall }]);
  expect(asked).toEqual(['/stalls?sinceMs=501000.000']);
});
