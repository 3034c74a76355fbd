import { expect, test } from 'vitest';
import { DeadlineExceeded, DeadlineOptions, deadline, TooLate } from '#policies/deadline.ts';
import { Pipeline, problems } from '#policies/pipeline.ts';
import type { Call } from '#policies/policy.ts';
import { never, ok, options, piped, rig, slow, watch, work } from './rig.ts';

const retry = (maxRetries: number, delayMs: number) => ({
  retry: { maxRetries, backoff: { kind: 'constant', delayMs } },
});

/** Sends a request, whose caller gives it a deadline of `ms`, to a downstream that answers after `answerMs`. */
function play(given: object, ms: number | undefined, answerMs: number) {
  const { clock, events, surroundings } = rig();
  const request = { ...work(), callerDeadlineAtMs: ms };
  const call = deadline(options(DeadlineOptions, given), surroundings)(slow(answerMs, clock));
  return { clock, events, request, end: watch(call(request, never)) };
}

test.each([
  ["the caller's time", {}, 100, 100],
  ["the caller's time less the margin", { marginMs: 30 }, 100, 70],
  ['its own limit where that is shorter', { ms: 40 }, 100, 40],
  ["the caller's time where that is shorter", { ms: 400 }, 100, 100],
  ['its own limit where the caller has none', { ms: 40 }, undefined, 40],
])('deadline gives a call %s, and passes it to the attempts', async (_sentence, given, ms, limitMs) => {
  const before = play(given, ms, limitMs - 0.5);
  expect(before.request.deadlineAtMs).toBe(limitMs);
  await before.clock.run();
  expect(before.end.result).toEqual(ok);
  const after = play(given, ms, limitMs + 0.5);
  await after.clock.run();
  expect(after.end.result).toEqual(new DeadlineExceeded(limitMs));
  expect(after.events).toEqual([{ kind: 'timeout', ms: limitMs }]);
});

test('deadline lets a call without a limit through', async () => {
  const { clock, request, end } = play({}, undefined, 1e6);
  await clock.run();
  expect(end.result).toEqual(ok);
  expect(request).not.toHaveProperty('deadlineAtMs');
});

test.each([
  ['as much as the least', { leastMs: 20 }, 20],
  ['nothing', {}, 0],
  ['less than the margin', { marginMs: 50 }, 20],
])('deadline refuses a call with %s left, which is not made', async (_sentence, given, ms) => {
  const { clock, events, request, end } = play(given, ms, 1);
  await clock.advance(0);
  expect(end.result).toBeInstanceOf(TooLate);
  expect(events).toEqual([{ kind: 'rejected', policy: 'deadline' }]);
  expect(request.attempts).toBe(0);
});

test('deadline -> retry ends in the middle of a retry, with its own error', async () => {
  let attempts = 0;
  const hanging: Call = () => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new Error('failed')) : new Promise(() => {});
  };
  const { clock, start } = piped([{ deadline: { ms: 100 } }, retry(3, 10)], () => hanging);
  const end = start();
  await clock.run();
  expect(end.result).toBeInstanceOf(DeadlineExceeded);
  expect([attempts, clock.now(), clock.pending]).toEqual([2, 100, 0]);
});

test('deadline -> retry -> deadline gives each attempt the sooner of both', async () => {
  const deadlinesAtMs: (number | undefined)[] = [];
  const failing: Call = async (work) => {
    deadlinesAtMs.push(work.deadlineAtMs);
    throw new Error('failed');
  };
  const { clock, start } = piped(
    [{ deadline: { ms: 100 } }, retry(2, 40), { deadline: { ms: 50 } }],
    () => failing,
  );
  start();
  await clock.run();
  expect(deadlinesAtMs).toEqual([50, 90, 100]);
});

test('deadline refuses options by which every call would be refused, and says where', () => {
  const specs = options(Pipeline, [{ deadline: { ms: 20, leastMs: 20 } }]);
  expect(problems(specs, '/policies')).toEqual([
    {
      pointer: '/policies/0/deadline/leastMs',
      message: 'expected less than ms, which is 20: every call would be refused',
    },
  ]);
});

test.each([
  ['deadline', { deadline: {} }],
  ['timeout', { timeout: { ms: 250 } }],
])('%s around a retry that waits rejects with the error of the last attempt', async (policy, outer) => {
  const failed = new Error('attempt failed');
  const attempt: Call = async (request) => {
    request.attempts += 1;
    throw failed;
  };
  const request = { ...work(), callerDeadlineAtMs: 250 };
  const { clock, events, start } = piped([outer, retry(5, 100)], () => attempt);
  const end = start(request);
  await clock.run();
  expect([end.result, request.attempts]).toEqual([failed, 3]);
  expect(events.filter(({ kind }) => kind !== 'retry')).toEqual([{ kind: 'refused-retry', policy }]);
});

test.each(['timeout', 'deadline'] as const)('retry -> %s -> bulkhead: a retry is cut off', async (policy) => {
  const specs = [retry(1, 10), { [policy]: { ms: 100 } }, { bulkhead: { concurrency: 1, queue: 5 } }];
  let attempts = 0;
  const attempt: Call = (request) => {
    request.attempts += 1;
    attempts += 1;
    if (attempts === 1) return Promise.reject(new Error('attempt failed'));
    return new Promise(() => undefined);
  };
  const { clock, events, start } = piped(specs, () => attempt);
  const end = start(work('a'));
  await clock.advance(5);
  start(work('b')); // takes the slot while `a` waits for its retry
  await clock.run();
  expect((end.result as Error).message).toBe('attempt failed');
  expect(events.filter(({ kind }) => kind === 'refused-retry')).toEqual([]);
  expect(events.filter(({ kind }) => kind === 'timeout').length).toBeGreaterThan(0);
});
