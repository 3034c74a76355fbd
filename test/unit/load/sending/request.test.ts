import { expect, test } from 'vitest';
import {
  completionOutcome,
  eventOutcome,
  isPossible,
  isProvisional,
  rpcOutcome,
  silenceOutcome,
} from '#load/sending/request.ts';

test.each([
  [200, true, 'ok', 'the effect is there within the deadline'],
  [200, false, 'late', 'the effect is there after the deadline'],
  [502, true, 'failed', 'downstream failed'],
  [503, true, 'rejected', 'a policy refused'],
  [504, true, 'timeout', 'the last attempt took too long'],
  [504, false, 'timeout', 'however late it is said'],
  [429, true, 'rejected', 'too many requests'],
  [500, true, 'failed', 'an error that was not foreseen'],
  [404, true, 'failed', 'nothing is there'],
] as const)('rpcOutcome of %i (in time: %s) is %s: %s', (status, inTime, outcome, _why) => {
  expect(rpcOutcome(status, inTime)).toBe(outcome);
});

test('rpcOutcome and eventOutcome take the given statuses for a success, and only those', () => {
  expect(rpcOutcome(201, true, [201, 204])).toBe('ok');
  expect(rpcOutcome(204, false, [201, 204])).toBe('late');
  expect(rpcOutcome(200, true, [201, 204])).toBe('failed');
  expect(eventOutcome(201, [201])).toBe('pending');
  expect(eventOutcome(202, [201])).toBe('unknown');
});

test.each([
  [202, 'pending', true, 'accepted, until the completion arrives'],
  [429, 'dropped', false, 'the stream is full'],
  [503, 'dropped', false, 'the broker was not there'],
  [504, 'unknown', true, 'sent, and not acknowledged: it may be stored'],
  [500, 'unknown', true, 'an error that was not foreseen'],
] as const)('eventOutcome of %i is %s (provisional: %s): %s', (status, outcome, provisional, _why) => {
  expect(eventOutcome(status)).toBe(outcome);
  expect(isProvisional(outcome)).toBe(provisional);
});

test.each([
  ['rpc', true, 'unknown', 'the connection broke: it may have been done'],
  ['event', true, 'unknown', 'the connection broke: it may be there'],
  ['rpc', false, 'failed', 'no connection came about'],
  ['event', false, 'dropped', 'no connection came about'],
] as const)('silenceOutcome on the path %s (sent: %s) is %s: %s', (path, wasSent, outcome, _why) => {
  expect(silenceOutcome(path, wasSent)).toBe(outcome);
});

test.each([
  ['ok', true, 'ok'],
  ['ok', false, 'late'],
  ['dead', true, 'dead'],
  ['dead', false, 'dead'],
] as const)('completionOutcome of %s (in time: %s) is %s', (outcome, inTime, expected) => {
  expect(completionOutcome({ outcome }, inTime)).toBe(expected);
});

const [none, sent] = [Number.NaN, 0.1];

test.each([
  ['rpc', 'ok', 200, sent, 9, 1, true, 'a success'],
  ['rpc', 'ok', 204, sent, 9, 1, false, 'not a status of success'],
  ['rpc', 'rejected', 200, sent, 9, 1, false, 'a success is never a refusal'],
  ['rpc', 'failed', 0, none, 9, 0, true, 'no connection came about'],
  ['rpc', 'failed', 0, sent, 9, none, false, 'a request that was sent may have been done'],
  ['rpc', 'unknown', 0, sent, 9, none, true, 'the connection broke'],
  ['rpc', 'pending', 200, sent, none, none, false, 'only an event can be pending'],
  ['event', 'rejected', 202, sent, 9, 1, false, 'the publisher accepted it'],
  ['event', 'failed', 500, sent, 9, 1, false, 'only a call can fail'],
  ['event', 'pending', 202, sent, none, none, true, 'accepted, and without an end'],
  ['event', 'pending', 202, sent, 9, none, false, 'it has an end'],
  ['event', 'unknown', 202, sent, none, none, false, 'the answer is known'],
  ['event', 'dropped', 202, sent, 9, 0, false, 'the publisher accepted it'],
  ['event', 'dropped', 503, sent, 9, 0, true, 'the publisher refused it'],
  ['event', 'dropped', 503, sent, 9, 1, false, 'nothing was attempted'],
  ['event', 'late', 504, sent, 9, 2, true, 'its end was reported'],
  ['event', 'dead', 0, sent, 9, 0, true, 'its end was reported'],
  ['event', 'unsent', 0, none, none, 0, true, 'no free connection'],
  ['event', 'unsent', 0, sent, none, 0, false, 'it was sent'],
] as const)(
  'isPossible on the path %s of %s with status %i, lag %d, latency %d and attempts %d is %s: %s',
  (path, outcome, status, lagMs, latencyMs, attempts, expected, _why) => {
    expect(isPossible(path, { outcome, status, lagMs, latencyMs, attempts })).toBe(expected);
  },
);

test('isPossible takes the given statuses for a success', () => {
  const ending = { outcome: 'ok', status: 201, lagMs: sent, latencyMs: 9, attempts: 1 } as const;
  expect([isPossible('rpc', ending), isPossible('rpc', ending, [201])]).toEqual([false, true]);
});
