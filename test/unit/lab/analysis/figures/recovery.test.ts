import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { recoveryOf } from '#lab/analysis/figures/recovery.ts';
import { byRule, courseOf, failedIn, never, rule, took, unreported } from '../course.ts';

test.each<[string, (scheduledAtMs: number) => Outcome, number | null]>([
  ['at once', failedIn([10_000, 13_000]), 0],
  ['when all but 5 % of what is due in the next 5 s is done', failedIn([10_000, 17_000]), 3800],
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

test('what follows a phase is watched from its end on, though nothing was broken', () => {
  const course = { ...courseOf(27_000, failedIn([10_000, never])), clearedMs: 0 };
  expect(recoveryOf(course, took, byRule)).toMatchObject({ timeMs: null, metastable: null });
  const longer = { ...courseOf(28_000, failedIn([10_000, never])), clearedMs: 0 };
  expect(recoveryOf(longer, took, byRule)).toMatchObject({ timeMs: null, metastable: true });
});

test.each<[string, number, (scheduledAtMs: number) => Outcome | undefined, number]>([
  ['nothing, of what was well at once', 27_000, failedIn([10_000, 13_000]), 0],
  [
    'nothing, where nobody watched for as long as goodput is taken over',
    17_000,
    failedIn([10_000, never]),
    0,
  ],
  ['until when it was bad, of what was well in the end', 60_000, failedIn([10_000, 50_000]), 36_800],
  ['until when all could have been well, of what never was', 60_000, failedIn([10_000, never]), 42_100],
  ['until it recovered', 60_000, failedIn([10_000, 17_000]), 3800],
])('a time to recover is at least %s', (_what, loadMs, outcomeAt, atLeastMs) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).atLeastMs).toBe(atLeastMs);
});

test.each<[boolean, string, number, (scheduledAtMs: number) => Outcome]>([
  [true, 'recovered', 60_000, failedIn([10_000, 13_000])],
  [true, 'watched just for long enough not to', 28_000, failedIn([10_000, never])],
  [false, 'bad until the end of a load that ended earlier', 27_900, failedIn([10_000, never])],
  [false, 'well until then', 27_900, failedIn([10_000, 13_000])],
])('whether it recovered is told: %s, of what was %s', (told, _what, loadMs, outcomeAt) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).told).toBe(told);
});

test('a pause of the load is no recovery', () => {
  const course = courseOf(60_000, (scheduledAtMs) =>
    scheduledAtMs < 10_000 ? 'ok' : scheduledAtMs < 13_000 || scheduledAtMs > 40_000 ? 'failed' : undefined,
  );
  expect(recoveryOf(course, took, byRule).timeMs).toBeNull();
});

test('what never did anything has no goodput of before that could be back', () => {
  const relative = { ...byRule, recovery: { ...rule, relativeTo: 'before' as const } };
  expect(recoveryOf(courseOf(60_000, failedIn([0, never])), took, relative)).toMatchObject({
    timeMs: null,
    atLeastMs: 0,
  });
});

test('late is not recovered', () => {
  const late = courseOf(60_000, (scheduledAtMs) => (scheduledAtMs < 10_000 ? 'ok' : 'late'));
  expect(recoveryOf(late, took, byRule).timeMs).toBeNull();
});

test('what was lost is counted from the fault until recovery, at the goodput before it', () => {
  const course = courseOf(60_000, failedIn([0, 5000], [10_000, 17_000], [50_000, 60_000]));
  // Half was done before; of 680 due until recovery 700 − 20 failed.
  expect(recoveryOf(course, took, byRule)).toMatchObject({ timeMs: 3800, lostGoodput: 0.5 * 680 });
});

test('what comes after an earlier fault is compared with what was before any', () => {
  const second = { fromMs: 30_000, untilMs: 33_000 };
  // Nothing is done in either of them, and of what is due after the second four in ten.
  const isDown = failedIn([10_000, 20_000], [30_000, 33_000]);
  const course = courseOf(60_000, (scheduledAtMs) =>
    scheduledAtMs > 33_000 && scheduledAtMs % 100 >= 40 ? 'failed' : isDown(scheduledAtMs),
  );
  const series = {
    ...unreported,
    tMs: [0, 9000, 10_000, 30_000, 33_000, 35_000],
    backlog: [0, 4, 90, 90, 80, 4],
  };
  const found = recoveryOf({ ...course, series }, second, byRule);
  expect(found).toMatchObject({ lostGoodput: 300 + 0.6 * 2700, metastable: true, drainMs: 2000 });
  const relative = { ...byRule, recovery: { ...rule, relativeTo: 'before' as const } };
  expect(recoveryOf(course, second, relative).timeMs).toBeNull();
});

test('a variant that does more than before has lost nothing', () => {
  expect(recoveryOf(courseOf(60_000, failedIn([0, 9000])), took, byRule).lostGoodput).toBe(0);
});

test('whom the fault kept from being done in time is not counted as before it', () => {
  // Half of what is due a second before the fault, and in it.
  const course = courseOf(60_000, (scheduledAtMs) =>
    scheduledAtMs >= 9000 && scheduledAtMs < 13_000 && scheduledAtMs % 20 === 0 ? 'failed' : 'ok',
  );
  const lost = (deadlineMs: number) => recoveryOf(course, took, { deadlineMs, recovery: rule }).lostGoodput;
  expect(lost(1000)).toBe(150);
  expect(lost(0)).toBe(150 - 0.05 * 300);
});

test('goodput may be taken as a share of what was done before the fault', () => {
  const tenth = (scheduledAtMs: number): Outcome =>
    scheduledAtMs % 100 === 0 || (scheduledAtMs > 10_000 && scheduledAtMs < 14_000) ? 'failed' : 'ok';
  const course = courseOf(60_000, tenth);
  expect(recoveryOf(course, took, byRule).timeMs).toBeNull();
  expect(recoveryOf(course, took, { ...byRule, recovery: { ...rule, relativeTo: 'before' } }).timeMs).toBe(
    800,
  );
});
