import { expect, test } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import {
  highestRate,
  keptUp,
  missedIn,
  type Probed,
  probeOf,
  stallDoubt,
  unstalled,
} from '#lab/runner/capacity.ts';
import { experimentText } from '#test/fixtures/experiment.ts';
import { measured } from '#test/fixtures/measured.ts';

/** Searches for a capacity. Resolves with the rates tried, and the rates `low` and `high` between which it lies. */
async function searched(expected: number, capacity: number, precision = 1.04) {
  const tried: number[] = [];
  const bracket = await highestRate(expected, precision, async (rate) => {
    tried.push(rate);
    return rate <= capacity;
  });
  return { ...bracket, tried };
}

test.each([1, 39, 99, 100, 101, 180, 5000, 25_000])('highestRate brackets %d', async (capacity) => {
  const { low, high, tried } = await searched(100, capacity);
  expect(low).toBeLessThanOrEqual(capacity);
  expect(high).toBeGreaterThan(capacity);
  expect(high / low).toBeLessThanOrEqual(1.04);
  expect(tried).toContain(low);
  expect(tried).toContain(high);
});

test('highestRate needs few tries where it was expected, and not many more far from there', async () => {
  expect((await searched(100, 98)).tried.length).toBeLessThanOrEqual(4);
  expect((await searched(100, 1000)).tried.length).toBeLessThanOrEqual(13);
});

test.each([
  [Number.POSITIVE_INFINITY, /^it holds up to \d+ a second, the highest rate tried$/],
  [0, /^it does not hold even at 0\.\d+ a second, the lowest rate tried$/],
])('highestRate gives up where there is none: %d', async (capacity, message) => {
  await expect(searched(100, capacity)).rejects.toThrow(message);
});

const experiment = parseExperiment(
  experimentText(
    {},
    'downstream: { model: { kind: fixed, latencyMs: 7 } }',
    'faults: [{ name: f, atMs: 1, forMs: 1, target: gateway, fault: { kind: kill } }]',
  ),
  'x.yaml',
);

test('a probe calls the same dependency at one rate, each time once', () => {
  expect(probeOf(experiment, 250, 40)).toMatchObject({
    deadlineMs: 250,
    downstream: { model: { kind: 'fixed', latencyMs: 7 } },
    load: [
      { arrivals: { kind: 'constant', ratePerSecond: 40, forMs: 3000 } },
      { name: 'counted', arrivals: { kind: 'constant', ratePerSecond: 40, forMs: 2000 } },
    ],
    variants: { probe: { path: 'rpc', policies: [{ timeout: { ms: 250 } }] } },
    faults: [],
  });
});

test('a probe with a short timeout counts for half a second nevertheless', () => {
  expect(probeOf(experiment, 5, 40).load.map(({ arrivals }) => arrivals)).toMatchObject([
    { forMs: 500 },
    { forMs: 500 },
  ]);
});

const none = Object.fromEntries(outcomes.map((name) => [name, 0])) as typeof measured.outcomes;

const probed = (offered: number, ends: Partial<typeof none>) => {
  const window = { ...measured, span: null, offered };
  return {
    ...measured,
    windows: [
      { ...window, name: 'phase settling', outcomes: { ...none, timeout: offered } },
      { ...window, name: 'phase counted', outcomes: { ...none, ...ends } },
    ],
  };
};

test.each<[boolean, string, Partial<typeof none>]>([
  [true, '5 % timed out', { timeout: 5 }],
  [false, 'more did', { timeout: 6 }],
  [true, '5 % of them could not be sent, so that no higher rate tells more', { timeout: 2, unsent: 3 }],
  [false, 'more could not', { timeout: 2, unsent: 4 }],
  [true, '5 % failed', { timeout: 2, failed: 3 }],
  [false, 'more failed', { timeout: 2, failed: 4 }],
])('a dependency kept up: %s, where %s, once it had settled', (isUp, _what, ends) => {
  expect(keptUp(missedIn(probed(100, ends), 0))).toBe(isUp);
});

test('failures at any load, and their chance, say nothing of the capacity', () => {
  // 36 of 100 requests fail at any load, with a standard error of 4.8. So up to 50 missed requests may be chance.
  expect(keptUp(missedIn(probed(100, { timeout: 5, failed: 45 }), 0.36))).toBe(true);
  expect(keptUp(missedIn(probed(100, { timeout: 5, failed: 46 }), 0.36))).toBe(false);
  expect(keptUp(missedIn(probed(100, { timeout: 5, failed: 0 }), 0.36))).toBe(true);
});

test('requests that fail at once under overload are no capacity', async () => {
  // Four servers with 10 ms per request complete 400 requests a second, and refuse the rest. At 421 a second the rest
  // is 5 %, the limit.
  const holds = async (rate: number) =>
    keptUp(missedIn(probed(rate, { failed: Math.max(0, rate - 400) }), 0));
  const { low, high } = await highestRate(100, 1.04, holds);
  expect(low).toBeLessThanOrEqual(421.1);
  expect(high).toBeGreaterThan(421);
  expect(high / low).toBeLessThanOrEqual(1.04);
});

const machine = { cpus: 2, loadAverage: 0.1 };

/** Returns a probe of 100 requests. `missed` of them timed out, and a stall affected `affected` of them. */
const stalledProbe = (
  missed: number,
  affected: number,
  cause: 'stopped' | 'saturated' = 'stopped',
): Probed => ({
  missed: { timeout: missed / 100, failed: 0, unsent: 0 },
  counted: 100,
  stalls: [{ process: 'downstream', fromMs: 0, untilMs: 300, cpuMs: 0, cause, requests: affected }],
});

test.each([
  [5, 0, true],
  [5, 1, false],
  [2, 3, true],
  [2, 4, false],
  [6, 0, true],
  [6, 1, false],
  [9, 3, true],
  [9, 4, false],
])(
  'stallDoubt of a probe that missed %d %%, and a stall affected %d %%: none, %s',
  (missed, affected, ok) => {
    const doubt = stallDoubt(stalledProbe(missed, affected), machine);
    expect(doubt === undefined).toBe(ok);
    if (doubt) expect(doubt).toMatchObject({ ok: false, variant: 'capacity', measured: affected });
  },
);

test('stallDoubt has none of a service that was saturated, since that is its capacity', () => {
  expect(stallDoubt(stalledProbe(5, 50, 'saturated'), machine)).toBeUndefined();
});

test.each([
  ['at once', [stalledProbe(5, 0), stalledProbe(6, 0)], 1],
  ['the second time', [stalledProbe(5, 9), stalledProbe(6, 0), stalledProbe(5, 0)], 2],
  ['never', Array.from({ length: 9 }, () => stalledProbe(5, 9)), 3],
] as const)('unstalled repeats a probe that a stall may decide: decided %s', async (_, probes, count) => {
  let made = 0;
  const last = await unstalled(async () => probes[made++]!, machine);
  expect([made, last]).toEqual([count, probes[count - 1]]);
});
