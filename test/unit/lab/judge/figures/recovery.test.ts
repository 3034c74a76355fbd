import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { drainOf, recoveryOf } from '#lab/judge/figures/recovery.ts';
import { byRule, courseOf, failedIn, never, rule, took } from '../course.ts';

test.each<[string, (scheduledAtMs: number) => Outcome, number | null]>([
  ['at once', failedIn([10_000, 13_000]), 0],
  ['when at least 95 % of the requests of the next 5 s complete', failedIn([10_000, 17_000]), 3800],
  ['only where it stays so', failedIn([10_000, 14_000], [18_000, 18_500]), 5300],
  ['also when a relapse is as short as the rule allows', failedIn([10_000, 13_000], [20_000, 20_250]), 0],
  ['never', failedIn([10_000, never]), null],
  ['too late to be held', failedIn([10_000, 50_000]), null],
])('a variant recovers %s', (_when, outcomeAt, timeMs) => {
  expect(recoveryOf(courseOf(60_000, outcomeAt), took, byRule)).toMatchObject({
    timeMs,
    watchedMs: 47_000,
  });
});

test('recovery after a phase is measured from its end on, though no fault was active', () => {
  const course = { ...courseOf(27_000, failedIn([10_000, never])), clearedMs: 0 };
  expect(recoveryOf(course, took, byRule)).toMatchObject({ timeMs: null, metastable: null });
  const longer = { ...courseOf(28_000, failedIn([10_000, never])), clearedMs: 0 };
  expect(recoveryOf(longer, took, byRule)).toMatchObject({ timeMs: null, metastable: true });
});

test.each<[string, number, (scheduledAtMs: number) => Outcome | undefined, number]>([
  ['0 ms, if it is healthy at once', 27_000, failedIn([10_000, 13_000]), 0],
  ['0 ms, if the observation was shorter than the span of goodput', 17_000, failedIn([10_000, never]), 0],
  [
    'the time until it was last unhealthy, if it is healthy in the end',
    60_000,
    failedIn([10_000, 50_000]),
    36_800,
  ],
  [
    'the time until its last possible recovery, if it never recovered',
    60_000,
    failedIn([10_000, never]),
    42_100,
  ],
  ['the time until it recovered', 60_000, failedIn([10_000, 17_000]), 3800],
])('a time to recover is at least %s', (_what, loadMs, outcomeAt, atLeastMs) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).atLeastMs).toBe(atLeastMs);
});

test.each<[boolean, string, number, (scheduledAtMs: number) => Outcome]>([
  [true, 'recovered', 60_000, failedIn([10_000, 13_000])],
  [true, 'watched just for long enough not to', 28_000, failedIn([10_000, never])],
  [false, 'bad until the end of a load that ended earlier', 27_900, failedIn([10_000, never])],
  [false, 'well until then', 27_900, failedIn([10_000, 13_000])],
])('recovery is reported: %s, if it was %s', (reported, _what, loadMs, outcomeAt) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).reported).toBe(reported);
});

test('a pause of the load is no recovery', () => {
  const course = courseOf(60_000, (scheduledAtMs) =>
    scheduledAtMs < 10_000 ? 'ok' : scheduledAtMs < 13_000 || scheduledAtMs > 40_000 ? 'failed' : undefined,
  );
  expect(recoveryOf(course, took, byRule).timeMs).toBeNull();
});

test('late is not recovered', () => {
  const late = courseOf(60_000, (scheduledAtMs) => (scheduledAtMs < 10_000 ? 'ok' : 'late'));
  expect(recoveryOf(late, took, byRule).timeMs).toBeNull();
});

test('lost goodput is counted from the fault until recovery, at the goodput before the fault', () => {
  const course = courseOf(60_000, failedIn([0, 5000], [10_000, 17_000], [50_000, 60_000]));
  // Half of the requests before the fault completed. All 680 requests between its start and the recovery failed.
  expect(recoveryOf(course, took, byRule)).toMatchObject({ timeMs: 3800, lostGoodput: 0.5 * 680 });
});

test('recovery after a second fault is compared with the goodput before the first', () => {
  const second = { fromMs: 30_000, untilMs: 33_000 };
  // No request completes during the two outages. After the second outage, four in ten requests complete.
  const isDown = failedIn([10_000, 20_000], [30_000, 33_000]);
  const course = courseOf(60_000, (scheduledAtMs) =>
    scheduledAtMs > 33_000 && scheduledAtMs % 100 >= 40 ? 'failed' : isDown(scheduledAtMs),
  );
  const series = {
    tMs: [0, 9000, 10_000, 30_000, 33_000, 35_000],
    backlog: [0, 4, 90, 90, 80, 4],
    inFlight: [5, 5, 90, 90, 90, 90],
  };
  const found = recoveryOf({ ...course, series }, second, byRule);
  expect(found).toMatchObject({ lostGoodput: 300 + 0.6 * 2700, metastable: true, drainMs: 2000 });
});

test('a variant with more goodput than before has lost nothing', () => {
  expect(recoveryOf(courseOf(60_000, failedIn([0, 9000])), took, byRule).lostGoodput).toBe(0);
});

test("requests that miss their deadline because of the fault don't count as before it", () => {
  // Every other request fails, from one second before the fault until its end.
  const course = courseOf(60_000, (scheduledAtMs) =>
    scheduledAtMs >= 9000 && scheduledAtMs < 13_000 && scheduledAtMs % 20 === 0 ? 'failed' : 'ok',
  );
  const lost = (deadlineMs: number) => recoveryOf(course, took, { deadlineMs, recovery: rule }).lostGoodput;
  expect(lost(1000)).toBe(150);
  expect(lost(0)).toBe(150 - 0.05 * 300);
});

test.each<[string, (number | null)[], number | null | undefined]>([
  ['as soon as no more waits than at most before', [1, 4, 2, 90, 80, 5, 4, 0], 3000],
  ['not while it is unknown', [1, 4, 2, 90, null, null, 9, 4], 4000],
  ['at once where nothing has gathered', [1, 4, 2, 3, 2, 9, 9, 9], 0],
  ['never', [1, 4, 2, 90, 80, 70, 60, 50], null],
  ['at an unknown time, if it is unknown', [null, null, null, null, null, null, null, null], undefined],
  ['at an unknown time, if it is unknown at the end', [1, 4, 2, 90, 80, 70, 60, null], undefined],
  ['at an unknown time, if it was unknown before', [null, null, null, 90, 80, 70, 60, 0], undefined],
  ['late, if it had begun to grow before the fault was reported', [1, 4, 90, 90, 80, 70, 60, 4], 4000],
])('a backlog is drained %s', (_when, backlog, drainMs) => {
  const tMs = [0, 4000, 9000, 11_000, 13_000, 15_000, 16_000, 17_000];
  expect(drainOf('backlog', { tMs, backlog }, 10_000, { fromMs: 13_000, untilMs: 18_000 })?.ms).toBe(drainMs);
});

test('a backlog drained only after the span proves nothing', () => {
  const series = { tMs: [0, 9000, 12_000, 13_000, 14_000], backlog: [0, 0, 9, 9, 0] };
  expect(drainOf('backlog', series, 10_000, { fromMs: 13_000, untilMs: 14_000 })?.ms).toBeNull();
});

const linear = (from: number, to: number) => (second: number) => from + ((to - from) * second) / 48;

test.each<[boolean, string, (second: number) => number | null]>([
  [true, 'does so slowly', linear(240, 120)],
  [true, 'has only begun to', (second) => (second < 24 ? 240 : linear(360, 120)(second))],
  [true, 'is known only later, and does so', (second) => (second < 24 ? null : linear(240, 60)(second))],
  [false, 'stays where it came to in a second', (second) => (second < 1 ? 240 : 120)],
  [false, 'goes up and down', (second) => 120 + 20 * (-1) ** second],
  [false, 'was high but once', (second) => (second === 25 ? 240 : 120)],
  [false, 'got more', linear(120, 240)],
  [true, 'has just come back to what it was', linear(240, 0)],
  // The mean of seconds 24 to 31 is 100, that of seconds 40 to 47 is 80 or 79. Two standard errors, which are 20, may
  // be chance.
  [false, 'got less by chance', (second) => (second < 40 ? 100 : 80)],
  [true, 'got less by more than that', (second) => (second < 40 ? 100 : 79)],
])('the backlog is getting less: %s, where it %s', (isUnderWay, _how, levelAt) => {
  expect(drainAfter(levelAt)?.leftMs !== undefined).toBe(isUnderWay);
});

test('a backlog that gets less needs as long as it takes at this rate', () => {
  // The mean of seconds 24 to 31 is 171.25, that of seconds 40 to 47 is 131.25, and at most 4 waited before.
  expect(drainAfter(linear(240, 120))!.leftMs).toBeCloseTo(((131.25 - 4) / 40) * 16_000);
});

function drainAfter(levelAt: (second: number) => number | null) {
  const seconds = Array.from({ length: 48 }, (_, second) => second);
  const series = {
    tMs: [0, 9000, ...seconds.map((second) => 13_000 + second * 1000)],
    backlog: [4, 4, ...seconds.map(levelAt)],
  };
  return drainOf('backlog', series, 10_000, { fromMs: 13_000, untilMs: 61_000 });
}
