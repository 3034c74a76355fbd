import { expect, test } from 'vitest';
import { clockChecks, comparesClocks } from '#lab/analysis/clock-claims.ts';
import { measure } from '#lab/analysis/measure.ts';
import { experiment, observation } from './observation.ts';

/**
 * Checks a hypothesis on events, within a deadline of 100 ms. The completion of one event was lost, so the time of its
 * effect decides.
 */
function checked(hypothesis: string, comparedWithinMs: number | undefined) {
  const judged = { ...experiment, hypothesis: [hypothesis] };
  const clocks =
    comparedWithinMs === undefined ? undefined : { comparedWithinMs, loadWithinMs: 0.02, processes: [] };
  const observed = observation('events', { clocks });
  const result = measure(judged, observed);
  expect(comparesClocks(observed, result)).toBe(true);
  return (comparing: string[]) => clockChecks(judged, [result], new Set(comparing))[0];
}

test.each([
  ['p99(events) < 101.5ms', 0.4, true],
  ['p99(events) < 101.5ms', 0.6, false],
  ['101.5ms > p99(events)', 0.6, false],
  ['goodput(events) < 0.3', 0.9, true],
  ['goodput(events) < 0.3', 1.1, false],
])('clockChecks finds a verdict finer than the error: %s ± %d ms', (hypothesis, errorMs, ok) => {
  const check = checked(hypothesis, errorMs);
  expect(check(['events'])).toMatchObject({
    name: 'verdicts finer than the clocks',
    ok,
    measured: ok ? 0 : 1,
  });
  expect(check(['events'])!.meaning.includes(hypothesis)).toBe(!ok);
  expect(check([])).toMatchObject({ ok: true });
});

test('clockChecks checks nothing without readings of the clocks', () => {
  expect(checked('goodput(events) < 0.3', undefined)(['events'])).toBeUndefined();
});

test('comparesClocks is true for calls if a load agent has another clock and there are faults', () => {
  const agentsOf = (shared: boolean) => ({
    processes: [
      {
        process: 'load agent a',
        agent: true,
        readings: [{ atMs: 0, offsetMs: 5, errorMs: 1.5, shared }],
      },
    ],
  });
  const compares = (shared: boolean, faults: number) =>
    comparesClocks(
      { clocks: { ...agentsOf(shared), comparedWithinMs: 2, loadWithinMs: 1.5 }, injected: Array(faults) },
      { recovered: 0 },
    );
  expect([compares(false, 1), compares(true, 1), compares(false, 0)]).toEqual([true, false, false]);
});
