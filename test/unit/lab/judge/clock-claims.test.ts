import { expect, test } from 'vitest';
import { clocksChecked, comparesClocks } from '#lab/judge/claims.ts';
import { measure } from '#lab/judge/measure.ts';
import { experiment, observation } from './observation.ts';

/**
 * Checks a hypothesis on events, within a deadline of 100 ms. The completion of one event was lost, so the time of its
 * effect decides.
 */
function checked(hypothesis: string, comparedWithinMs: number | undefined) {
  const judged = { ...experiment, hypothesis: [hypothesis] };
  const clocks = comparedWithinMs === undefined ? undefined : { comparedWithinMs, processes: [] };
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
  ['a recovered event and another clock of downstream', false, 1, true],
  ['a recovered event and one shared clock', true, 1, false],
  ['another clock of downstream', false, 0, false],
])('comparesClocks with %s', (_sentence, shared, audited, expected) => {
  const readings = [{ atMs: 0, offsetMs: 5, errorMs: 1.5, shared }];
  const clocks = { processes: [{ process: 'downstream', readings }], comparedWithinMs: 2 };
  expect(comparesClocks({ clocks }, { audited })).toBe(expected);
});
