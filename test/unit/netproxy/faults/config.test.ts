import type { TObject } from 'typebox';
import { expect, test } from 'vitest';
import { checker } from '#kit/schema/schema.ts';
import { FaultOptions, faultKinds } from '#netproxy/faults/config.ts';
import type { Kind } from '#netproxy/faults/kind.ts';

const kinds: Readonly<Record<string, Kind<TObject>>> = faultKinds;
const check = checker(FaultOptions);
const common = { stream: 'both', toxicity: 1 };

/** One of each kind, at its most harmless. */
const all = [
  { kind: 'latency', latencyMs: 1, jitterMs: 0, ...common },
  { kind: 'bandwidth', kilobytesPerSecond: 1, ...common },
  { kind: 'slicer', averageBytes: 1, variationBytes: 0, delayUs: 0, ...common },
  { kind: 'slow-close', delayMs: 1, ...common },
  { kind: 'blackhole', closeAfterMs: 0, ...common },
  { kind: 'reset', afterMs: 1, ...common },
  { kind: 'limit-data', bytes: 1, ...common },
  { kind: 'down' },
];
const one = (kind: string, change: object = {}) => ({
  ...all.find((each) => each.kind === kind)!,
  ...change,
});
const hides = (fault: { kind: string }, other: { kind: string }) =>
  kinds[fault.kind]!.hides?.(fault, other) ?? false;

test('the faults of this test are all there are, and right', () => {
  expect(all.map(({ kind }) => kind)).toEqual(Object.keys(faultKinds));
  for (const fault of all) expect(check(fault)).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['latency', {}, []],
  ['bandwidth', { kilobytesPerSecond: 0 }, []],
  ['slicer', {}, []],
  ['slow-close', {}, []],
  ['blackhole', {}, ['latency', 'bandwidth', 'slicer']],
  ['blackhole', { toxicity: 0.99 }, []],
  ['reset', { afterMs: 0 }, ['slicer', 'limit-data']],
  ['reset', { afterMs: 1 }, []],
  ['limit-data', { bytes: 0 }, ['slicer']],
  ['limit-data', { bytes: 1 }, []],
])('%s with %j leaves nothing of %j', (kind, change, hidden) => {
  const others = all.filter((other) => other.kind !== kind && hides(one(kind, change), other));
  expect(others.map((other) => other.kind)).toEqual(hidden);
});

test.each([
  ['both', 'both', true],
  ['both', 'upstream', true],
  ['both', 'downstream', true],
  ['upstream', 'upstream', true],
  ['upstream', 'downstream', false],
  ['upstream', 'both', false],
])('a blackhole %s leaves nothing of a latency %s: %s', (stream, other, is) => {
  expect(hides(one('blackhole', { stream }), one('latency', { stream: other }))).toBe(is);
});

test.each<[string, object, boolean]>([
  ['latency', {}, false],
  ['bandwidth', { kilobytesPerSecond: 0 }, true],
  ['bandwidth', { kilobytesPerSecond: 1 }, false],
  ['blackhole', {}, true],
  ['reset', { afterMs: 1 }, true],
  ['limit-data', { bytes: 0 }, true],
  ['limit-data', { bytes: 1 }, false],
  ['down', {}, true],
])('%s with %j lets no byte pass: %s', (kind, change, is) => {
  expect(kinds[kind]!.stops?.(one(kind, change)) ?? false).toBe(is);
});
