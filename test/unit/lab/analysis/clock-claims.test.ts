import { expect, test } from 'vitest';
import { beforeReconciling, clockChecks, shiftedResults } from '#lab/analysis/clock-claims.ts';
import { measure } from '#lab/analysis/measure.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { experiment, observation } from './observation.ts';

const known = (comparedWithinMs: number): Observation['clocks'] => ({
  comparedWithinMs,
  loadWithinMs: 0.02,
  processes: [],
});

/**
 * Judges a hypothesis on events. Two are ok. Another one, whose completion was lost, is 1 ms late by the time of
 * its effect.
 */
function checked(hypothesis: string, clocks: Observation['clocks']) {
  const judged = { ...experiment, hypothesis: [hypothesis] };
  const observed = observation('events', { clocks });
  const before = beforeReconciling(judged, observed);
  const result = measure(judged, observed);
  const others = new Map([['events', before ? shiftedResults(judged, before) : []]]);
  return { result, check: clockChecks(judged, [result], others)[0] };
}

test.each([
  ['goodput(events) < 0.3', known(2), false],
  ['goodput(events) < 0.3', known(1.2), false],
  ['goodput(events) < 0.3', known(0.5), true],
  ['goodput(events) < 0.4', known(2), true],
  ['p99(events) < 101.5ms', known(0.6), false],
  ['p99(events) < 102ms', known(0.6), true],
])('clockChecks finds a verdict finer than the error: %s', (hypothesis, clocks, ok) => {
  const { result, check } = checked(hypothesis, clocks);
  expect(result.outcomes).toMatchObject({ ok: 2, late: 1 });
  expect(check).toMatchObject({ name: 'verdicts finer than the clocks', ok, measured: ok ? 0 : 1 });
});

test('clockChecks tells the error and the verdict that depends on it', () => {
  const { check } = checked('goodput(events) < 0.3', known(2));
  expect(check!.finding).toMatch(/compared to 2\sms/);
  expect(check!.meaning).toContain('goodput(events) < 0.3');
});

test('clockChecks checks nothing without readings of the clocks', () => {
  expect(checked('goodput(events) < 0.3', undefined).check).toBeUndefined();
});

test('beforeReconciling copies nothing for calls, whose outcomes depend on no other clock', () => {
  const hypothesis = ['goodput(calls) > 0.1'];
  expect(beforeReconciling({ ...experiment, hypothesis }, observation('calls', { clocks: known(9) }))).toBe(
    undefined,
  );
});

/** Judges the calls during a fault that begins 1 ms before the only late one, at 30 ms. */
function checkedWithFault(shared: boolean) {
  const judged = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 100 } }]
variants: { calls: { path: rpc } }
faults: [{ name: slow, atMs: 29, forMs: 100, target: downstream, fault: { kind: latency, added: { kind: fixed, ms: 5 } } }]
hypothesis: ["late(calls, during slow) == 1"]
`);
  const [fault] = judged.faults;
  const reading = { atMs: 0, offsetMs: 5, errorMs: 1.5, shared };
  const observed = observation('calls', {
    clocks: {
      comparedWithinMs: 1.6,
      loadWithinMs: 1.5,
      processes: [{ process: 'load agent a', agent: true, readings: [reading] }],
    },
    injected: [{ fault: fault!, state: 'slow', beganAtMs: 1029, endedAtMs: 1129 }],
  });
  const before = beforeReconciling(judged, observed);
  const result = measure(judged, observed);
  const others = new Map([['calls', before ? shiftedResults(judged, before) : []]]);
  return clockChecks(judged, [result], others)[0];
}

test('clockChecks finds a verdict on a window whose begin a load agent knows less well', () => {
  expect(checkedWithFault(false)).toMatchObject({ ok: false, measured: 1 });
  expect(checkedWithFault(true)).toMatchObject({ ok: true });
});
