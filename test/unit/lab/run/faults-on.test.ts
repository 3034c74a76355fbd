import { expect, test } from 'vitest';
import type { Injected } from '#lab/chaos/faults.ts';
import { faultsOn } from '#lab/run/faults-on.ts';

const injected = (target: Injected['fault']['target'], atMs: number): Injected => ({
  fault: { name: 'f', atMs, forMs: 500, target, fault: { kind: 'kill' } },
  beganAtMs: 10_000 + atMs + 3,
  endedAtMs: 10_000 + atMs + 720,
});

test('faultsOn takes those on the path, with the times at which they were really in force', () => {
  const observed = {
    injected: [injected('gateway', 100), injected('nats', 200), injected('downstream', 300)],
    summary: { startedAtMs: 10_000 },
  };
  expect(faultsOn('rpc', observed)).toEqual([
    { target: 'gateway', done: 'killed', fromMs: 103, untilMs: 820 },
    { target: 'downstream', done: 'killed', fromMs: 303, untilMs: 1020 },
  ]);
  expect(faultsOn('event', observed).map(({ target }) => target)).toEqual(['nats', 'downstream']);
});
