import type { TObject } from 'typebox';
import { expect, test } from 'vitest';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import { checker } from '#kit/schema/parser.ts';
import { NetworkFaultOptions, networkFaults } from '#netproxy/faults/config.ts';

const kinds = networkFaults as unknown as Readonly<Record<string, FaultKind<TObject>>>;
const check = checker(NetworkFaultOptions);
const common = { stream: 'both', toxicity: 1 };

/** Mildest example of each kind. */
const all = [
  { kind: 'latency', latencyMs: 1, jitterMs: 0, ...common },
  { kind: 'bandwidth', kilobytesPerSecond: 1, ...common },
  { kind: 'blackhole', closeAfterMs: 0, ...common },
  { kind: 'reset', afterMs: 1, ...common },
  { kind: 'down' },
];
const one = (kind: string, change: object = {}) => ({
  ...all.find((each) => each.kind === kind)!,
  ...change,
});
test('the faults of this test are all there are, and right', () => {
  expect(all.map(({ kind }) => kind)).toEqual(Object.keys(networkFaults));
  for (const fault of all) expect(check(fault)).toEqual([]);
});

test.each<[string, object, boolean]>([
  ['latency', {}, false],
  ['bandwidth', { kilobytesPerSecond: 0 }, true],
  ['bandwidth', { kilobytesPerSecond: 1 }, false],
  ['blackhole', {}, true],
  ['reset', { afterMs: 1 }, true],
  ['down', {}, true],
])('%s with %j lets no byte pass: %s', (kind, change, is) => {
  expect(kinds[kind]!.stops?.(one(kind, change)) ?? false).toBe(is);
});
