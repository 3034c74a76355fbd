import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { Requests } from '#lab/audit/record.ts';
import { recoveryOf } from '#lab/run/recovery.ts';
import { schedule } from '#load/phases.ts';

const took = { fromMs: 10_000, untilMs: 13_000 };
const rule = { goodput: 0.95, relativeTo: 'offered' as const, overMs: 5000, heldMs: 10_000 };
const byRule = { deadlineMs: 0, recovery: rule };
const everyMs = 10;

/** A request every 10 ms until the load ends, each with the outcome of its due time. */
function requestsOf(loadMs: number, outcomeAt: (dueMs: number) => Outcome | undefined): Requests {
  const requests = new Requests(loadMs / everyMs);
  for (let index = 0; index < requests.size; index++) {
    const dueMs = index * everyMs;
    const outcome = outcomeAt(dueMs);
    if (!outcome) continue; // not offered
    requests.dueMs[index] = dueMs;
    requests.decide(index, outcome);
  }
  return requests;
}

const courseOf = (loadMs: number, outcomeAt: (dueMs: number) => Outcome | undefined) => ({
  requests: requestsOf(loadMs, outcomeAt),
  series: { tMs: [], backlog: [] },
  loadMs,
  begunMs: took.fromMs,
  mendedMs: took.untilMs,
});

/** Failed in each of the spans, else ok. */
const failedIn =
  (...spans: readonly [fromMs: number, untilMs: number][]) =>
  (dueMs: number): Outcome =>
    spans.some(([fromMs, untilMs]) => dueMs >= fromMs && dueMs < untilMs) ? 'failed' : 'ok';
const never = Number.POSITIVE_INFINITY;

test.each<[string, (dueMs: number) => Outcome, number | null]>([
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
  const course = { ...courseOf(27_000, failedIn([10_000, never])), mendedMs: 0 };
  expect(recoveryOf(course, took, byRule)).toMatchObject({ timeMs: null, metastable: null });
  const longer = { ...courseOf(28_000, failedIn([10_000, never])), mendedMs: 0 };
  expect(recoveryOf(longer, took, byRule)).toMatchObject({ timeMs: null, metastable: true });
});

test.each<[string, number, (dueMs: number) => Outcome | undefined, number]>([
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

test.each<[boolean, string, number, (dueMs: number) => Outcome]>([
  [true, 'recovered', 60_000, failedIn([10_000, 13_000])],
  [true, 'watched just for long enough not to', 28_000, failedIn([10_000, never])],
  [false, 'bad until the end of a load that ended earlier', 27_900, failedIn([10_000, never])],
  [false, 'well until then', 27_900, failedIn([10_000, 13_000])],
])('whether it recovered is told: %s, of what was %s', (told, _what, loadMs, outcomeAt) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).told).toBe(told);
});

test('a pause of the load is no recovery', () => {
  const course = courseOf(60_000, (dueMs) =>
    dueMs < 10_000 ? 'ok' : dueMs < 13_000 || dueMs > 40_000 ? 'failed' : undefined,
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
  const late = courseOf(60_000, (dueMs) => (dueMs < 10_000 ? 'ok' : 'late'));
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
  const course = courseOf(60_000, (dueMs) =>
    dueMs > 33_000 && dueMs % 100 >= 40 ? 'failed' : isDown(dueMs),
  );
  const series = { tMs: [0, 9000, 10_000, 30_000, 33_000, 35_000], backlog: [0, 4, 90, 90, 80, 4] };
  const found = recoveryOf({ ...course, series }, second, byRule);
  expect(found).toMatchObject({ lostGoodput: 300 + 0.6 * 2700, metastable: true, drainMs: 2000 });
  const relative = { ...byRule, recovery: { ...rule, relativeTo: 'before' as const } };
  expect(recoveryOf(course, second, relative).timeMs).toBeNull();
});

test('a variant that does more than before has lost nothing', () => {
  expect(recoveryOf(courseOf(60_000, failedIn([0, 9000])), took, byRule).lostGoodput).toBe(0);
});

test.each<[string, boolean | null, (dueMs: number) => Outcome | undefined, number]>([
  ['nothing comes back', true, failedIn([10_000, never]), 60_000],
  ['half comes back', false, (dueMs) => (dueMs > 10_000 && dueMs % 20 === 0 ? 'failed' : 'ok'), 60_000],
  ['it recovers', false, failedIn([10_000, 13_000]), 60_000],
  ['nobody watched for long enough', null, failedIn([10_000, never]), 27_900],
  ['nothing was done before', null, failedIn([0, never]), 60_000],
  [
    'nothing is offered in the end',
    null,
    (dueMs) => (dueMs < 10_000 ? 'ok' : dueMs < 50_000 ? 'failed' : undefined),
    60_000,
  ],
  ['somebody watched just for long enough', true, failedIn([10_000, never]), 28_000],
  [
    'more is offered than before',
    false,
    (dueMs) => (dueMs < 10_000 ? (dueMs % 20 === 0 ? 'ok' : undefined) : 'failed'),
    60_000,
  ],
])('a variant of which %s is metastable: %s', (_what, metastable, outcomeAt, loadMs) => {
  expect(recoveryOf(courseOf(loadMs, outcomeAt), took, byRule).metastable).toBe(metastable);
});

test('a variant is not metastable as long as anything else is broken, nor by a fault before which nothing was', () => {
  const stuck = courseOf(60_000, failedIn([10_000, never]));
  expect(recoveryOf({ ...stuck, mendedMs: 50_000 }, took, byRule).metastable).toBeNull();
  expect(recoveryOf({ ...stuck, mendedMs: 40_000 }, took, byRule).metastable).toBe(true);
  expect(recoveryOf(stuck, { fromMs: 0, untilMs: 13_000 }, byRule).metastable).toBeNull();
});

test('what is done of the last requests, whom nobody follows, does not keep a variant from being metastable', () => {
  // Watched for 21 s, of which the rule wants 15 that end a deadline before the load does.
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
    for (const { index, dueMs } of due) {
      requests.dueMs[index] = dueMs;
      requests.decide(index, failedIn([10_000, never])(dueMs));
    }
    return !recoveryOf({ ...courseOf(60_000, failedIn()), requests }, took, byRule).metastable;
  });
  expect(denied).toEqual([]);
});

test('whom the fault kept from being done in time is not counted as before it', () => {
  // Half of what is due a second before the fault, and in it.
  const course = courseOf(60_000, (dueMs) =>
    dueMs >= 9000 && dueMs < 13_000 && dueMs % 20 === 0 ? 'failed' : 'ok',
  );
  const lost = (deadlineMs: number) => recoveryOf(course, took, { deadlineMs, recovery: rule }).lostGoodput;
  expect(lost(1000)).toBe(150);
  expect(lost(0)).toBe(150 - 0.05 * 300);
});

test('goodput may be taken as a share of what was done before the fault', () => {
  const tenth = (dueMs: number): Outcome =>
    dueMs % 100 === 0 || (dueMs > 10_000 && dueMs < 14_000) ? 'failed' : 'ok';
  const course = courseOf(60_000, tenth);
  expect(recoveryOf(course, took, byRule).timeMs).toBeNull();
  expect(recoveryOf(course, took, { ...byRule, recovery: { ...rule, relativeTo: 'before' } }).timeMs).toBe(
    800,
  );
});

test.each<[string, (number | null)[], number | null | undefined]>([
  ['as soon as no more waits than at most before', [1, 4, 2, 90, 80, 5, 4, 0], 3000],
  ['not while nobody says', [1, 4, 2, 90, null, null, 9, 4], 4000],
  ['at once where nothing has gathered', [1, 4, 2, 3, 2, 9, 9, 9], 0],
  ['never', [1, 4, 2, 90, 80, 70, 60, 50], null],
  ['nobody knows when, where nobody says', [null, null, null, null, null, null, null, null], undefined],
  ['nobody knows when, where nobody says in the end', [1, 4, 2, 90, 80, 70, 60, null], undefined],
  ['nobody knows when, where nobody said before', [null, null, null, 90, 80, 70, 60, 0], undefined],
  ['late, where it had begun to grow before the fault was told of', [1, 4, 90, 90, 80, 70, 60, 4], 4000],
])('a backlog is drained %s', (_when, backlog, drainMs) => {
  const points = { tMs: [0, 4000, 9000, 11_000, 13_000, 15_000, 16_000, 17_000], backlog };
  const course = { ...courseOf(18_000, failedIn()), series: points };
  expect(recoveryOf(course, took, byRule).drainMs).toBe(drainMs);
});

test('a backlog that is gone only after the load proves nothing', () => {
  const series = { tMs: [0, 9000, 12_000, 13_000, 14_000], backlog: [0, 0, 9, 9, 0] };
  expect(recoveryOf({ ...courseOf(14_000, failedIn()), series }, took, byRule).drainMs).toBeNull();
});
