import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { Requests } from '#lab/evidence/requests.ts';
import { recoveryOf } from '#lab/judge/figures/recovery.ts';
import { schedule } from '#load/phases.ts';
import { byRule, courseOf, failedIn, never, rule, took } from '../course.ts';

test.each<[string, boolean | null, (scheduledAtMs: number) => Outcome | undefined, number]>([
  ['nothing comes back', true, failedIn([10_000, never]), 60_000],
  ['half comes back', false, (ms) => (ms > 10_000 && ms % 20 === 0 ? 'failed' : 'ok'), 60_000],
  ['it recovers', false, failedIn([10_000, 13_000]), 60_000],
  ['the observation was too short', null, failedIn([10_000, never]), 27_900],
  ['nothing was done before', null, failedIn([0, never]), 60_000],
  [
    'nothing is offered then',
    null,
    (ms) => (ms < 50_000 ? failedIn([10_000, never])(ms) : undefined),
    60_000,
  ],
  ['the observation was just long enough', true, failedIn([10_000, never]), 28_000],
  [
    'nothing comes back of more than before',
    null,
    (ms) => (ms >= 10_000 ? 'failed' : ms % 20 === 0 ? 'ok' : undefined),
    60_000,
  ],
  [
    'half comes back of more',
    false,
    (ms) => (ms % 20 === 0 ? 'ok' : ms < 10_000 ? undefined : 'failed'),
    60_000,
  ],
])('a variant of which %s is metastable: %s', (_what, metastable, outcomeAt, loadMs) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).metastable).toBe(metastable);
});

test('a variant is not metastable while another fault is active, nor by a fault without requests before it', () => {
  const stuck = courseOf(60_000, failedIn([10_000, never]));
  expect(recoveryOf({ ...stuck, clearedMs: 50_000 }, took, byRule).metastable).toBeNull();
  expect(recoveryOf({ ...stuck, clearedMs: 40_000 }, took, byRule).metastable).toBe(true);
  expect(recoveryOf(stuck, { fromMs: 0, untilMs: 13_000 }, byRule).metastable).toBeNull();
});

/** Backlog or requests in flight when the fault is cleared, halfway, and at the end; null if unknown. */
type Levels = readonly [number, number, number] | null;

test.each<[string, boolean | null, number, Levels, Levels]>([
  ['its backlog drains, for so long that all are late', null, 1, [240, 180, 120], [40, 40, 40]],
  ['its backlog drains, regardless of the attempts', null, 3, [240, 180, 120], [40, 40, 40]],
  ['its backlog stays, but for chance', true, 1, [240, 150, 194], [40, 40, 40]],
  ['its backlog grows', true, 1, [240, 260, 280], [40, 40, 40]],
  ['its backlog is gone', true, 1, [240, 9, 5], [40, 40, 40]],
  ['its backlog fell to a half at once, and stays there', true, 3, [240, 120, 120], [40, 40, 40]],
  ['each request takes three attempts, while less and less is in flight', null, 3, [0, 0, 0], [900, 300, 90]],
  ['each request takes three attempts, and as much is in flight', true, 3, [0, 0, 0], [90, 90, 90]],
  ['less and less is in flight, without more attempts', null, 1, [0, 0, 0], [900, 300, 90]],
  ['as much is in flight as at first, without more attempts', true, 1, [0, 0, 0], [90, 90, 90]],
  ['the backlog is unknown, without more attempts', null, 1, null, [90, 90, 90]],
  ['the requests in flight are unknown, without more attempts', null, 1, [0, 0, 0], null],
  ['both are unknown, with three attempts', null, 3, null, null],
])('a variant without recovery while %s is metastable: %s', (_why, metastable, tries, backlog, inFlight) => {
  const series = {
    tMs: [0, 9000, 12_000, 13_000, 30_000, 59_000],
    backlog: backlog ? [5, 5, 200, ...backlog] : Array(6).fill(null),
    inFlight: inFlight ? [40, 40, 200, ...inFlight] : Array(6).fill(null),
  };
  const course = { ...courseOf(60_000, failedIn([10_000, never]), tries), series };
  expect(recoveryOf(course, took, byRule).metastable).toBe(metastable);
});

test('a tenth more attempts, as a budget allows, are not what keeps a variant down', () => {
  const course = courseOf(60_000, failedIn([10_000, never]), 1);
  const everyTenth = course.requests.attempts.map((_, index) => (index % 10 === 0 && index >= 1000 ? 2 : 1));
  course.requests.attempts.set(everyTenth);
  expect(recoveryOf(course, took, byRule).metastable).toBeNull();
});

test('unknown attempt counts are not taken for the cause of a metastable state', () => {
  const metastable = (fromMs: number, untilMs: number) => {
    const course = courseOf(60_000, failedIn([10_000, never]), 3);
    for (let scheduledAtMs = fromMs; scheduledAtMs < untilMs; scheduledAtMs += 10)
      course.requests.attempts[scheduledAtMs / 10] = Number.NaN;
    return recoveryOf(course, took, byRule).metastable;
  };
  expect(metastable(0, 0)).toBe(true);
  // The one unknown count could be so large that requests before the fault took 3 attempts on average, too.
  expect(metastable(5000, 5010)).toBeNull();
  // Half of the last requests took 3 attempts each, so the average is at least 1.5 with the unknown counts.
  expect(metastable(57_500, 60_000)).toBe(true);
  expect(metastable(56_500, 60_000)).toBeNull();
});

test("completions of the last requests don't keep a variant from being metastable", () => {
  // The load goes on for 21 s after the fault. The rule needs 15 s of requests whose deadline lies before the end of the load.
  const freedAt = (fromMs: number) => courseOf(34_000, failedIn([10_000, fromMs]));
  const metastable = (fromMs: number, deadlineMs: number) =>
    recoveryOf(freedAt(fromMs), took, { deadlineMs, recovery: rule }).metastable;
  expect(metastable(31_000, 0)).toBe(false);
  expect(metastable(31_000, 3000)).toBe(true);
  expect(metastable(28_500, 3000)).toBe(false);
  expect(metastable(31_000, 6001)).toBeNull();
});

test('chance in the arrivals does not make it more than was offered before', () => {
  const load = [{ arrivals: { kind: 'poisson' as const, ratePerSecond: 50, forMs: 60_000 } }];
  const seeds = Array.from({ length: 50 }, (_, seed) => seed);
  const denied = seeds.filter((seed) => {
    const due = [...schedule(load, seed)];
    const requests = new Requests(due.length);
    for (const { index, scheduledAtMs } of due) {
      requests.scheduledAtMs[index] = scheduledAtMs;
      requests.attempts[index] = scheduledAtMs < 10_000 ? 1 : 3;
      requests.decide(index, failedIn([10_000, never])(scheduledAtMs));
    }
    return !recoveryOf({ ...courseOf(60_000, failedIn()), requests }, took, byRule).metastable;
  });
  expect(denied).toEqual([]);
});
