import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { Requests } from '#lab/audit/record.ts';
import { recoveryOf } from '#lab/run/recovery.ts';

const took = { fromMs: 10_000, untilMs: 13_000 };
const rule = { goodput: 0.95, overMs: 5000, heldMs: 10_000 };
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
  expect(recoveryOf(requestsOf(60_000, outcomeAt), took, 60_000, rule)).toMatchObject({
    timeMs,
    watchedMs: 47_000,
  });
});

test('late is not recovered', () => {
  const late = requestsOf(60_000, (dueMs) => (dueMs < 10_000 ? 'ok' : 'late'));
  expect(recoveryOf(late, took, 60_000, rule).timeMs).toBeNull();
});

test('what was lost is counted from the fault until recovery, at the goodput before it', () => {
  const requests = requestsOf(60_000, failedIn([0, 5000], [10_000, 17_000], [50_000, 60_000]));
  // Half was done before; of 680 due until recovery 700 − 20 failed.
  expect(recoveryOf(requests, took, 60_000, rule)).toMatchObject({ timeMs: 3800, lostGoodput: 0.5 * 680 });
});

test('a variant that does more than before has lost nothing', () => {
  expect(recoveryOf(requestsOf(60_000, failedIn([0, 9000])), took, 60_000, rule).lostGoodput).toBe(0);
});

test.each<[string, boolean, (dueMs: number) => Outcome | undefined, number]>([
  ['nothing comes back', true, failedIn([10_000, never]), 60_000],
  ['half comes back', false, (dueMs) => (dueMs > 10_000 && dueMs % 20 === 0 ? 'failed' : 'ok'), 60_000],
  ['it recovers', false, failedIn([10_000, 13_000]), 60_000],
  ['nobody watched for long enough', false, failedIn([10_000, never]), 27_900],
  ['somebody watched just for long enough', true, failedIn([10_000, never]), 28_000],
  [
    'more is offered than before',
    false,
    (dueMs) => (dueMs < 10_000 ? (dueMs % 20 === 0 ? 'ok' : undefined) : 'failed'),
    60_000,
  ],
])('a variant of which %s is metastable: %s', (_what, metastable, outcomeAt, loadMs) => {
  expect(recoveryOf(requestsOf(loadMs, outcomeAt), took, loadMs, rule).metastable).toBe(metastable);
});
