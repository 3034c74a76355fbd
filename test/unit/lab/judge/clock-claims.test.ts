import { expect, test } from 'vitest';
import { clocksChecked, comparesClocks } from '#lab/judge/clock-claims.ts';
import { measure } from '#lab/judge/measure.ts';
import { experiment, observation } from './observation.ts';

/**
 * Checks a hypothesis on events, within a deadline of 100 ms. The completion of one event was lost, so the time of its
 * effect decides.
 */
function checked(hypothesis: string, comparedWithinMs: number | undefined) {
  const judged = { ...experiment, hypothesis: [hypothesis] };
  const clocks =
    comparedWithinMs === undefined ? undefined : { comparedWithinMs, loadWithinMs: 0.02, processes: [] };
  const { variant, figures } = measure(judged, observation('events', { clocks }));
  return (comparesClocks: boolean) =>
    clocksChecked({ experiment: judged, figures }, variant, comparesClocks)[0];
}

test.each([
  ['p99(events) < 101.5ms', 0.4, true],
  ['p99(events) < 101.5ms', 0.6, false],
  ['101.5ms > p99(events)', 0.6, false],
  ['goodput(events) < 0.3', 0.9, true],
  ['goodput(events) < 0.3', 1.1, false],
])('clocksChecked finds a verdict finer than the error: %s ± %d ms', (hypothesis, errorMs, ok) => {
  const check = checked(hypothesis, errorMs);
  expect(check(true)).toMatchObject({
    name: 'verdicts finer than the clocks',
    ok,
    measured: ok ? 0 : 1,
  });
  expect(check(true)!.meaning.includes(hypothesis)).toBe(!ok);
  expect(check(false)).toMatchObject({ ok: true });
});

test('clocksChecked checks nothing without readings of the clocks', () => {
  expect(checked('goodput(events) < 0.3', undefined)(true)).toBeUndefined();
});

test.each([
  ['a recovered event and another clock of downstream', { process: 'downstream', shared: false }, 1, 0, true],
  ['a recovered event and one shared clock', { process: 'downstream', shared: true }, 1, 0, false],
  ['a fault and another clock of a load agent', { agent: true, shared: false }, 0, 1, true],
  ['a fault and one shared clock', { agent: true, shared: true }, 0, 1, false],
  ['a fault and another clock of downstream', { process: 'downstream', shared: false }, 0, 1, false],
  ['another clock of a load agent', { agent: true, shared: false }, 0, 0, false],
])('comparesClocks with %s', (_sentence, { shared, ...one }, audited, faults, expected) => {
  const readings = [{ atMs: 0, offsetMs: 5, errorMs: 1.5, shared }];
  const clocks = {
    processes: [{ process: 'load agent a', ...one, readings }],
    comparedWithinMs: 2,
    loadWithinMs: 1.5,
  };
  expect(comparesClocks({ clocks, injected: Array(faults) }, { audited })).toBe(expected);
});
