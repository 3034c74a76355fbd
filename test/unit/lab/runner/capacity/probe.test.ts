import { expect, test } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { keptUp, missedIn, probeOf } from '#lab/runner/capacity/probe.ts';
import { highestRate } from '#lab/runner/capacity/search.ts';
import { experimentText } from '#test/fixtures/experiment.ts';
import { measured } from '#test/fixtures/measured.ts';

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
  [true, '5 % ran into the timeout', { timeout: 5 }],
  [false, 'more did', { timeout: 6 }],
  [true, '5 % of them could not be sent, so that no higher rate tells more', { timeout: 2, unsent: 3 }],
  [false, 'more could not', { timeout: 2, unsent: 4 }],
  [true, '5 % failed', { timeout: 2, failed: 3 }],
  [false, 'more failed', { timeout: 2, failed: 4 }],
])('a dependency kept up: %s, where %s, once it had settled', (isUp, _what, ends) => {
  expect(keptUp(missedIn(probed(100, ends), 0))).toBe(isUp);
});

test('what a dependency fails at any load, and chance with it, says nothing of its capacity', () => {
  // 36 of 100, with a standard error of 4.8.
  expect(keptUp(missedIn(probed(100, { timeout: 5, failed: 45 }), 0.36))).toBe(true);
  expect(keptUp(missedIn(probed(100, { timeout: 5, failed: 46 }), 0.36))).toBe(false);
  expect(keptUp(missedIn(probed(100, { timeout: 5, failed: 0 }), 0.36))).toBe(true);
});

test('what fails at once under overload is no capacity', async () => {
  // Four servers of 10 ms without much of a queue do 400 a second; 5 % of 421 are what is beyond.
  const holds = async (rate: number) =>
    keptUp(missedIn(probed(rate, { failed: Math.max(0, rate - 400) }), 0));
  const { low, high } = await highestRate(100, 1.04, holds);
  expect(low).toBeLessThanOrEqual(421.1);
  expect(high).toBeGreaterThan(421);
  expect(high / low).toBeLessThanOrEqual(1.04);
});
