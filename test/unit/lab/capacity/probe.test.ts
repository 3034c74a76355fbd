import { expect, test } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { keptUp, probeOf } from '#lab/capacity/probe.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
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

const probed = (timeout: number, offered: number, unsent = 0) => {
  const none = Object.fromEntries(outcomes.map((name) => [name, 0])) as typeof measured.outcomes;
  const window = { ...measured, span: null, offered };
  return {
    ...measured,
    windows: [
      { ...window, name: 'phase settling', outcomes: { ...none, timeout: offered } },
      {
        ...window,
        name: 'phase counted',
        outcomes: { ...none, ok: offered - timeout - unsent, timeout, unsent },
      },
    ],
  };
};

test('a dependency kept up when no more than 5 % ran into the timeout, once it had settled', () => {
  expect(keptUp(probed(5, 100))).toBe(true);
  expect(keptUp(probed(6, 100))).toBe(false);
});

test('nor does a probe tell more that the generator could not send', () => {
  expect(keptUp(probed(2, 100, 3))).toBe(true);
  expect(keptUp(probed(2, 100, 4))).toBe(false);
});
