import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { VirtualClock } from '#kit/virtual-clock.ts';
import { BreakerOpen } from '#policies/breaker.ts';
import { BulkheadFull } from '#policies/bulkhead.ts';
import { type Call, Rejected } from '#policies/policy.ts';
import { AttemptTimeout } from '#policies/timeout.ts';
import { manual, ok, piped, slow, work } from './rig.ts';

const retry = (maxRetries: number, delayMs = 0) => ({
  retry: { maxRetries, backoff: { kind: 'constant', delayMs } },
});
const breaker = (failures: number) => ({
  breaker: { window: { kind: 'count', size: failures }, failures, openMs: 500 },
});
const bulkhead = (concurrency: number, queue = 0) => ({ bulkhead: { concurrency, queue } });
const timeout = (ms: number) => ({ timeout: { ms } });

const failing = (ms: number) => (clock: VirtualClock) => slow(ms, clock, new Error('failed'));

test('retry -> timeout: each attempt has its own time', async () => {
  const { clock, start, kinds } = piped([retry(2, 10), timeout(100)], (clock) => slow(5000, clock));
  const request = work();
  const end = start(request);
  await clock.advance(100 + 10 + 100 + 10 + 99);
  expect(end.result).toBe('pending');
  await clock.advance(1);
  expect(end.result).toBeInstanceOf(AttemptTimeout);
  expect(request.attempts).toBe(3);
  expect(kinds()).toEqual(['timeout', 'retry', 'timeout', 'retry', 'timeout']);
});

test('timeout -> retry: one time for all attempts and the waits between them', async () => {
  const { clock, start, kinds } = piped([timeout(100), retry(9, 10)], failing(30));
  const request = work();
  const end = start(request); // attempts at 0, 40 and 80 ms
  await clock.run();
  expect(end.result).toBeInstanceOf(AttemptTimeout);
  expect(request.attempts).toBe(3);
  expect(kinds()).toEqual(['retry', 'retry', 'timeout']);
});

test('bulkhead -> timeout: time spent waiting for a slot is free', async () => {
  const { clock, start } = piped([bulkhead(1, 9), timeout(100)], (clock) => slow(90, clock));
  const ends = [start(), start(), start()];
  await clock.run();
  expect(ends.map(({ result }) => result)).toEqual([ok, ok, ok]);
  expect(clock.now()).toBe(270);
});

test('timeout -> bulkhead: time spent waiting for a slot counts, and a waiter that times out leaves the queue', async () => {
  const { clock, start, events } = piped([timeout(100), bulkhead(1, 9)], (clock) => slow(90, clock));
  const ends = [start(), start(), start()];
  await clock.advance(100);
  expect(ends[0]!.result).toBe(ok);
  expect(ends[1]!.result).toBeInstanceOf(AttemptTimeout);
  expect(ends[2]!.result).toBeInstanceOf(AttemptTimeout);
  await clock.run();
  expect(events.at(-1)).toEqual({ kind: 'bulkhead', inFlight: 0, queued: 0 });
});

test('timeout -> bulkhead: the slot of an abandoned call stays in use until the call has really ended', async () => {
  const { clock, start } = piped([timeout(100), bulkhead(1)], (clock) => slow(300, clock));
  start();
  await clock.advance(200);
  const refused = start();
  await clock.advance(0);
  expect(refused.result).toBeInstanceOf(BulkheadFull);
  await clock.advance(100);
  const accepted = start();
  await clock.advance(0);
  expect(accepted.result).toBe('pending');
});

test('breaker -> retry: the breaker judges requests, and recovery by retrying is a success', async () => {
  const flaky: Call = async (work) => {
    work.attempts += 1;
    if (work.attempts === 1) throw new Error('failed');
    return ok;
  };
  const { clock, start, kinds } = piped([breaker(1), retry(1)], () => flaky);
  const ends = [start(), start()];
  await clock.run();
  expect(ends.map(({ result }) => result)).toEqual([ok, ok]);
  expect(kinds()).toEqual(['retry', 'retry']);
});

test('retry -> breaker: the breaker judges attempts, and its refusal ends the request with the last failure', async () => {
  const { clock, start, kinds } = piped([retry(9), breaker(3)], failing(1));
  const request = work();
  const end = start(request);
  await clock.run();
  expect(end.result).toEqual(new Error('failed'));
  expect(request.attempts).toBe(3);
  expect(kinds()).toEqual(['retry', 'retry', 'open', 'retry', 'rejected', 'refused-retry']);
});

test('timeout -> breaker: a call cut from outside says nothing to the breaker', async () => {
  const obedient: Call = (_work, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const { clock, start, kinds } = piped([timeout(100), breaker(1)], () => obedient);
  start();
  await clock.advance(100);
  expect(kinds()).toEqual(['timeout']);
});

test('retry -> breaker -> bulkhead -> timeout: a full bulkhead is neither retried nor a failure of downstream', async () => {
  const specs = [retry(3), breaker(1), bulkhead(1), timeout(120)];
  const { clock, start, events } = piped(specs, (clock) => slow(50, clock));
  const ends = [start(), start(), start()];
  await clock.run();
  expect(ends[0]!.result).toBe(ok);
  expect(ends[1]!.result).toBeInstanceOf(BulkheadFull);
  expect(ends[2]!.result).toBeInstanceOf(BulkheadFull);
  expect(events.filter(({ kind }) => kind !== 'bulkhead')).toEqual([
    { kind: 'rejected', policy: 'bulkhead' },
    { kind: 'rejected', policy: 'bulkhead' },
  ]);
});

test('retry -> breaker -> bulkhead -> timeout: a caller that gives up frees everything down to the attempt', async () => {
  const { call, calls } = manual();
  const specs = [retry(3), breaker(1), bulkhead(1, 1), timeout(120)];
  const { clock, start, events } = piped(specs, () => call);
  const caller = new AbortController();
  const ends = [start(work(), caller.signal), start(work(), caller.signal)];
  await clock.advance(10);
  caller.abort(new Error('gone'));
  await clock.advance(0);
  expect(ends.map(({ result }) => result)).toEqual([caller.signal.reason, caller.signal.reason]);
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true]);
  expect(events.at(-1)).toEqual({ kind: 'bulkhead', inFlight: 0, queued: 0 });
  expect(clock.pending).toBe(0);
});

test('retry -> breaker -> bulkhead -> timeout: calls queued before the breaker opened still run, later ones are refused', async () => {
  const { clock, start, kinds } = piped([retry(0), breaker(1), bulkhead(1, 9), timeout(120)], failing(50));
  const ends = [start(), start()];
  await clock.advance(60);
  expect(kinds()).toContain('open');
  const late = start();
  await clock.advance(50);
  expect(late.result).toBeInstanceOf(BreakerOpen);
  expect(ends.map(({ result }) => result)).toEqual([new Error('failed'), new Error('failed')]);
});

const anyPolicy = fc.constantFrom<object>(
  { deadline: { ms: 60, leastMs: 20 } },
  { retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } } },
  { retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 }, retryRejected: true } },
  { retry: { budget: { kind: 'finagle', ratio: 0.1, minPerSecond: 0 } } },
  { retry: { maxRetries: 0, budget: { kind: 'grpc', maxTokens: 2 } } },
  { retry: { budget: { kind: 'aws', capacity: 12 }, retryRejected: true } },
  { breaker: { window: { kind: 'count', size: 2 }, failures: 2, openMs: 20 } },
  { bulkhead: { concurrency: 2, queue: 2, queueTimeoutMs: 10 } },
  { timeout: { ms: 15 } },
  { bulkhead: { concurrency: 1, class: 'slow' } },
);

test.prop([fc.array(anyPolicy, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(20), { minLength: 5 })])(
  'any pipeline: a request of which an attempt was made never ends with a refusal',
  async (specs, msTaken) => {
    const { clock, start } = piped(specs, (clock) => (work, signal) => {
      const ms = msTaken[work.attempts % msTaken.length]!;
      return slow(ms, clock, new Error('failed'))(work, signal);
    });
    const requests = msTaken.map((ms, i) => ({
      ...work(`r${i}`),
      class: i % 2 ? 'slow' : 'quick',
      callerDeadlineAtMs: 30 + ms,
    }));
    const ends = [];
    for (const request of requests) {
      ends.push(start(request));
      await clock.advance(3);
    }
    await clock.run();
    for (const [i, { result }] of ends.entries()) {
      expect(result).toBeInstanceOf(Error);
      if (result instanceof Rejected) expect(requests[i]!.attempts).toBe(0);
    }
  },
);
