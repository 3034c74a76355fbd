import { describe, expect, test } from 'vitest';
import { InvalidError } from '#kit/schema/problems.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { PolicyEvent } from '#policies/declared.d.ts';
import {
  BulkheadFull,
  breaker,
  bulkhead,
  deadline,
  fromExperiment,
  guard,
  type Layer,
  retry,
  TimedOut,
  timeout,
} from '#policies/guard.ts';

const none = { kind: 'constant', delayMs: 0 };

describe('guard', () => {
  test('resolves with what the attempt resolves with, of any type', async () => {
    const answer = { status: 200 };
    expect(await guard([])(async () => answer)).toBe(answer);
  });

  test('retry -> timeout: makes attempts with numbers and signals of their own', async () => {
    const clock = new VirtualClock();
    const events: PolicyEvent[] = [];
    const seen: [number, AbortSignal][] = [];
    const policies = [retry({ maxRetries: 2, backoff: none }), timeout({ ms: 10 })];
    const call = guard(policies, { clock, onEvent: (event) => events.push(event) });
    const answer = call((signal, attempt) => {
      seen.push([attempt, signal]);
      return attempt < 3 ? new Promise<string>(() => undefined) : Promise.resolve('done');
    });
    expect(await clock.runUntil(answer)).toBe('done');
    expect(seen.map(([attempt, { aborted }]) => [attempt, aborted])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(['timeout', 'retry', 'timeout', 'retry']);
    expect(clock.now()).toBe(20);
  });

  test('shares the state of its policies between its calls, and with no other guard', async () => {
    const policies = [bulkhead({ concurrency: 1 })];
    const [one, other] = [guard(policies), guard(policies)];
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = one(() => promise);
    await expect(one(async () => 'second')).rejects.toThrow(BulkheadFull);
    expect(await other(async () => 'third')).toBe('third');
    resolve('first');
    expect(await first).toBe('first');
  });

  test('ends with the reason of the caller’s signal', async () => {
    const controller = new AbortController();
    const call = guard([timeout({ ms: 1000 })])(() => new Promise(() => undefined), {
      signal: controller.signal,
    });
    controller.abort(new Error('no longer needed'));
    await expect(call).rejects.toThrow('no longer needed');
  });

  test('keeps the time of the caller by the policy deadline', async () => {
    const clock = new VirtualClock();
    const call = guard([deadline()], { clock })(() => new Promise(() => undefined), { timeoutMs: 30 });
    await expect(clock.runUntil(call)).rejects.toThrow(TimedOut);
    expect(clock.now()).toBe(30);
  });

  test('draws by its seed, so that the same seed waits the same times', async () => {
    const waits = async (seed?: number) => {
      const clock = new VirtualClock();
      const call = guard([retry({ maxRetries: 3 })], { clock, ...(seed !== undefined && { seed }) });
      await clock.runUntil(call(() => Promise.reject(new Error('down'))).catch(() => undefined));
      return clock.now();
    };
    expect(await waits(7)).toBe(await waits(7));
    expect(await waits(7)).not.toBe(await waits(8));
    expect(await waits()).not.toBe(await waits());
  });
});

const broken = () => {
  throw new Error('the metrics are full');
};

describe.each([
  ['throws', broken],
  ['rejects', async () => broken()],
])('guard, with an onEvent that %s,', (_how, onEvent) => {
  const fails = () => Promise.reject(new Error('down'));
  const hangs = () => new Promise(() => undefined);

  test('frees the slots of a bulkhead, and hands them to waiters', async () => {
    const clock = new VirtualClock();
    const policies = [retry({ budget: { kind: 'aws' } }), bulkhead({ concurrency: 1, queue: 1 })];
    const call = guard(policies, { clock, onEvent });
    const { promise, resolve } = Promise.withResolvers<string>();
    const calls = [call(() => promise), call(async () => 'second')];
    await expect(call(async () => 'third')).rejects.toThrow(BulkheadFull);
    resolve('first');
    expect(await Promise.all(calls)).toEqual(['first', 'second']);
    expect(await call(async () => 'fourth')).toBe('fourth');
  });

  test.each<[string, Layer, () => Promise<unknown>, string]>([
    ['timeout', timeout({ ms: 10 }), hangs, 'no answer within 10 ms'],
    ['deadline', deadline({ ms: 10 }), hangs, 'not completed in the remaining 10 ms'],
    ['retry', retry({ maxRetries: 2 }), fails, 'down'],
    ['breaker', breaker({ window: { kind: 'count', size: 1 }, failures: 1 }), fails, 'down'],
  ])('ends a call by %s as without onEvent', async (_name, policy, attempt, message) => {
    const clock = new VirtualClock();
    const call = guard([policy], { clock, onEvent })(attempt);
    await expect(clock.runUntil(call)).rejects.toThrow(message);
    expect(clock.pending).toBe(0);
  });

  test('refuses a call that waits too long for a slot', async () => {
    const clock = new VirtualClock();
    const call = guard([bulkhead({ concurrency: 1, queue: 1, queueTimeoutMs: 5 })], { clock, onEvent });
    void call(hangs);
    await expect(clock.runUntil(call(hangs))).rejects.toThrow(BulkheadFull);
  });
});

describe('guard, with arguments that are wrong or missing,', () => {
  test.each<[unknown[], string]>([
    [[], '/policies: expected a list'],
    [[retry()], '/policies: expected a list'],
    [[[retry(), retry]], '/policies/1: expected a policy, such as retry()'],
    [[[{}]], '/policies/0: expected a policy, such as retry()'],
  ])('refuses the arguments %j', (given, message) => {
    expect(() => guard(...(given as Parameters<typeof guard>))).toThrow(InvalidError);
    expect(() => guard(...(given as Parameters<typeof guard>))).toThrow(message);
  });
});

test.each<[unknown[], string]>([
  [['work'], '/attempt: expected a function'],
  [[async () => 1, { timeoutms: 50 }], '/timeoutms: unknown field, expected one of signal, timeoutMs'],
  [[async () => 1, { timeoutMs: '50' }], '/timeoutMs: expected a number, got "50"'],
  [[async () => 1, { timeoutMs: Number.NaN }], '/timeoutMs: expected a number'],
])('a guarded call refuses the arguments %j', async (given, message) => {
  const call = guard([retry()]);
  await expect(call(...(given as Parameters<typeof call>))).rejects.toThrow(message);
});

describe('a layer', () => {
  test.each([
    ['an unknown field', () => retry({ retries: 3 }), '/retries: unknown field'],
    ['a missing field', () => timeout({}), 'missing required field ms'],
    ['options that contradict each other', () => deadline({ ms: 5, leastMs: 5 }), '/leastMs: expected less'],
  ])('refuses %s', (_case, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('fromExperiment', () => {
  test('takes the list of an experiment file', async () => {
    const clock = new VirtualClock();
    const policies = fromExperiment([{ retry: { maxRetries: 1, backoff: none } }, { timeout: { ms: 5 } }]);
    const call = guard(policies, { clock })(() => new Promise(() => undefined));
    await expect(clock.runUntil(call)).rejects.toThrow('no answer within 5 ms');
    expect(clock.now()).toBe(10);
  });

  test('takes policies for a class, which apply only to calls of that class', async () => {
    const clock = new VirtualClock();
    const call = guard(fromExperiment([{ timeout: { ms: 5, class: 'gold' } }, { timeout: { ms: 9 } }]), {
      clock,
    });
    for (const [options, ms] of [
      [{ class: 'gold' }, 5],
      [{ class: 'silver' }, 9],
      [{}, 9],
    ] as const) {
      const ended = call(() => new Promise(() => undefined), options);
      await expect(clock.runUntil(ended)).rejects.toThrow(`no answer within ${ms} ms`);
    }
    expect(() => fromExperiment([{ timeout: { ms: 5, class: 'Gold' } }])).toThrow(
      '/0/timeout/class: expected a text that matches',
    );
  });

  test.each([[null], [{}], [{ retri: {} }], [{ retry: {}, timeout: { ms: 1 } }]])('refuses %o', (spec) => {
    expect(() => fromExperiment([spec as Record<string, unknown>])).toThrow(
      '/0: expected exactly one of retry, breaker, bulkhead, timeout, deadline',
    );
  });

  test('names each problem by index and policy', () => {
    const wrong = [{ retry: { maxRetries: 'x' } }, { nope: {} }, { timeout: null }];
    expect(() => fromExperiment(wrong)).toThrow(
      /^\/0\/retry\/maxRetries: expected a whole number.*; \/1: expected exactly one.*; \/2\/timeout: expected object, got null$/,
    );
  });
});
