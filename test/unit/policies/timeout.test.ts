import { expect, test } from 'vitest';
import type { Call } from '#policies/policy.ts';
import { AttemptTimeout, timeout } from '#policies/timeout.ts';
import { manual, never, ok, rig, slow, watch, work } from './rig.ts';

test.each([
  ['just below it, the answer counts', 119.9, ok],
  ['just above it, too late', 120.1, new AttemptTimeout(120)],
])('timeout of 120 ms, answer %s', async (_sentence, answerMs, expected) => {
  const { clock, surroundings } = rig();
  const end = watch(timeout({ ms: 120 }, surroundings)(slow(answerMs, clock))(work(), never));
  await clock.run();
  expect(end.result).toEqual(expected);
});

test('timeout rejects in time although the call does not listen, and swallows its late error', async () => {
  const { clock, events, surroundings } = rig();
  const call = timeout({ ms: 120 }, surroundings)(slow(5000, clock, new Error('late')));
  const end = watch(call(work(), never));
  await clock.advance(119);
  expect(end.result).toBe('pending');
  await clock.advance(1);
  expect(end.result).toBeInstanceOf(AttemptTimeout);
  expect(events).toEqual([{ kind: 'timeout', ms: 120 }]);
  await clock.run(); // if the late result were an unhandled rejection, Vitest would fail
});

test('timeout aborts the call with AttemptTimeout, and rejects with it regardless of what the call returns', async () => {
  const { clock, surroundings } = rig();
  let reason: unknown;
  const obedient: Call = (_work, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
        reject(new Error('aborted'));
      });
    });
  const end = watch(timeout({ ms: 120 }, surroundings)(obedient)(work(), never));
  await clock.run();
  expect(reason).toBeInstanceOf(AttemptTimeout);
  expect(end.result).toBe(reason);
});

test('timeout passes the abort of its caller on, with its reason and at once', async () => {
  const { clock, events, surroundings } = rig();
  const { call, calls } = manual();
  const caller = new AbortController();
  const end = watch(timeout({ ms: 120 }, surroundings)(call)(work(), caller.signal));
  caller.abort(new Error('the caller disconnected'));
  await clock.advance(0);
  expect(end.result).toBe(caller.signal.reason);
  expect(calls[0]!.signal.reason).toBe(caller.signal.reason);
  expect(events).toEqual([]);
});

test('timeout does not start a call whose caller has given up', async () => {
  const { call, calls } = manual();
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(timeout({ ms: 120 }, rig().surroundings)(call)(work(), gone)).rejects.toThrow('gone');
  expect(calls).toHaveLength(0);
});
