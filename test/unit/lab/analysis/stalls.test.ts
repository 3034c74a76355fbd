import { expect, test } from 'vitest';
import { stallResults } from '#lab/analysis/stalls.ts';
import { observation } from './observation.ts';

const stall = { fromMs: 1005, untilMs: 1105, cpuMs: 0 };

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
