import { expect, test } from 'vitest';
import { stallResults } from '#lab/judge/figures/stalls.ts';
import type { Injected } from '#lab/judge/observation/observation.ts';
import { observation } from '../observation.ts';

const stall = { fromMs: 1005, untilMs: 1105, cpuMs: 0 };

test.each([
  ['gateway->downstream', 'rpc', 1],
  ['gateway->downstream', 'event', 0],
  ['consumer->nats', 'event', 1],
  ['gateway', 'rpc', 0],
] as const)('a stall of netproxy with a fault for %s counts on the path %s: %d', (target, path, count) => {
  const observed = observation(path === 'rpc' ? 'calls' : 'events', {
    stalls: { all: [{ process: 'netproxy', ...stall }], incomplete: [] },
  });
  const found = stallResults(observed, path, { lagP99Ms: 2 }, [{ target }]);
  expect(found).toHaveLength(count);
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
  ['event', { target: 'nats', fault: kill, state: 'left alone' }, 1],
] as const)('a stall of the broker on the path %s with %o counts: %d', (path, fault, count) => {
  const stalls = { all: [{ process: 'broker', ...stall }], incomplete: [] };
  const { state = 'stopped', ...what } = { state: undefined, ...fault };
  const injected = [
    { fault: { ...what, name: 'it', atMs: 30, forMs: 5 }, state, beganAtMs: 1030, endedAtMs: 1035 },
  ];
  const observed = observation(path === 'rpc' ? 'calls' : 'events', {
    stalls,
    injected: (fault ? injected : []) as unknown as Injected[],
  });
  const found = stallResults(observed, path, { lagP99Ms: 2 });
  expect(found.map(({ process, cause }) => [process, cause])).toEqual(
    Array.from({ length: count }, () => ['broker', 'stopped']),
  );
});

test('stalls that overlap, or between which the event loop turned once, are one standstill', () => {
  const of = (process: string, fromMs: number, untilMs: number) => ({ process, fromMs, untilMs, cpuMs: 0 });
  const split = [
    of('gateway', 1025, 1045),
    of('downstream', 1005, 1025),
    of('gateway', 1005, 1025),
    of('gateway', 1046, 1056),
    of('gateway', 1010, 1020),
  ];
  const observed = observation('calls', { stalls: { all: split, incomplete: [] } });
  const found = stallResults(observed, 'rpc', { lagP99Ms: 2 });
  expect(found.map(({ process, fromMs, untilMs }) => [process, untilMs - fromMs]).sort()).toEqual([
    ['downstream', 20],
    ['gateway', 10],
    ['gateway', 40],
  ]);
});
