import { expect, test } from 'vitest';
import { beforeReconciling, clockChecks, shiftedResults } from '#lab/analysis/clock-claims.ts';
import { measure } from '#lab/analysis/measure.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { experiment, observation } from './observation.ts';

const known = (comparedWithinMs: number): Observation['clocks'] => ({ comparedWithinMs, processes: [] });

/**
 * Judges a hypothesis on events. Two of ten are ok. Another one, whose completion was lost, is 1 ms late by the time of
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
  ['goodput(events) < 0.25', known(2), false],
  ['goodput(events) < 0.25', known(1.2), false],
  ['goodput(events) < 0.25', known(0.5), true],
  ['goodput(events) < 0.4', known(2), true],
  ['p99(events) < 101.5ms', known(0.6), false],
  ['p99(events) < 102ms', known(0.6), true],
])('clockChecks finds a verdict finer than the error: %s', (hypothesis, clocks, ok) => {
  const { result, check } = checked(hypothesis, clocks);
  expect(result.outcomes).toMatchObject({ ok: 2, late: 1 });
  expect(check).toMatchObject({ name: 'verdicts finer than the clocks', ok, measured: ok ? 0 : 1 });
});

test('clockChecks tells the error and the verdict that depends on it', () => {
  const { check } = checked('goodput(events) < 0.25', known(2));
  expect(check!.finding).toMatch(/compared to 2\sms/);
  expect(check!.meaning).toContain('goodput(events) < 0.25');
});

test('clockChecks checks nothing without readings of the clocks', () => {
  expect(checked('goodput(events) < 0.25', undefined).check).toBeUndefined();
});

test('beforeReconciling copies nothing for calls, whose outcomes depend on no other clock', () => {
  const hypothesis = ['goodput(calls) > 0.1'];
  expect(beforeReconciling({ ...experiment, hypothesis }, observation('calls', { clocks: known(9) }))).toBe(
    undefined,
  );
});
