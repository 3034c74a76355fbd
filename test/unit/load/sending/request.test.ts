import { expect, test } from 'vitest';
import {
  completionOutcome,
  eventOutcome,
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
