import { describe, expect, test } from 'vitest';
import { BudgetSpent } from '#policies/budget.ts';
import type { PolicyEvent } from '#policies/declared.d.ts';
import { type Call, Rejected } from '#policies/policy.ts';
import { RetryOptions, retry } from '#policies/retry.ts';
import { AttemptTimeout } from '#policies/timeout.ts';
import { never, ok, options, piped, rig, slow, work } from './rig.ts';

/**
 * Creates a retry with a budget around downstream. A test makes a call by a word for its outcome: `ok`, `failed`,
 * `timeout`, `rejected`, or `queued` for a timeout before any attempt. With `retry ` before the word, the call is another
 * delivery of the last request.
 */
function play(kind: object) {
  const { clock, events, surroundings } = rig();
  let answer = 'ok';
  const held = Promise.withResolvers<never>();
  const downstream: Call = async (work) => {
    if (answer === 'held') await held.promise;
    if (answer === 'rejected') throw new Rejected('breaker', 'open');
    if (answer === 'queued') throw new AttemptTimeout(1);
    work.attempts += 1;
    if (answer === 'failed') throw new Error('failed');
    if (answer === 'timeout') throw new AttemptTimeout(1);
    return ok;
  };
  const call = retry(options(RetryOptions, { maxRetries: 0, budget: kind }), surroundings)(downstream);
  let last = work();
  /** Retries the last request. The call hangs until the test calls `refuse`, and is refused then. */
  const start = () => {
    answer = 'held';
    void call(last, never).catch(() => undefined);
    return { refuse: () => held.reject(new Rejected('bulkhead', 'too long')) };
  };
  const one = async (word: string): Promise<string> => {
    const retry = word.startsWith('retry ');
    if (!retry) last = work();
    answer = retry ? word.slice('retry '.length) : word;
    return call(last, never).then(
      () => 'ok',
      (error: Error) => (error instanceof BudgetSpent ? 'spent' : answer),
    );
  };
  /** Makes `count` calls. Resolves with the number that the budget let through. */
  const times = async (count: number, word: string): Promise<number> => {
    let through = 0;
    for (let i = 0; i < count; i++) through += Number((await one(word)) !== 'spent');
    return through;
  };
  return { clock, events, start, one, times, left: () => leftIn(events) };
}

/** Returns the last reported rest of the budget. */
const leftIn = (events: readonly PolicyEvent[]) => events.findLast((event) => event.kind === 'budget')?.left;

describe("budget as Finagle's", () => {
  test('lets retries through up to ratio · requests + minPerSecond · ttl', async () => {
    const { times, one } = play({ kind: 'finagle', ratio: 0.2, minPerSecond: 1 });
    await times(100, 'failed'); // allows 20 + 10 retries
    expect(await times(29, 'retry failed')).toBe(29);
    expect(await one('retry failed')).toBe('failed');
    expect(await one('retry failed')).toBe('spent');
  });

  test('forgets requests and retries after ttl', async () => {
    const { clock, times } = play({ kind: 'finagle', ratio: 0.2, minPerSecond: 0 });
    await times(100, 'failed');
    expect(await times(30, 'retry failed')).toBe(20);
    await clock.advance(10_000);
    await times(10, 'failed');
    expect(await times(30, 'retry failed')).toBe(2);
  });
});

describe("budget as Finagle's, for a request that a policy within refuses,", () => {
  test('earns once, regardless of its retries', async () => {
    const { one, times } = play({ kind: 'finagle', ratio: 0.2, minPerSecond: 0 });
    for (let request = 0; request < 10; request++) {
      await one('rejected');
      await times(9, 'retry rejected');
    }
    await one('retry failed'); // makes the first attempt of the last request
    expect(await times(30, 'retry failed')).toBe(2); // 0.2 · 10 requests
  });
});

describe("budget as gRPC's", () => {
  test('lets retries through while more than half of the tokens are left', async () => {
    const { times, one, left } = play({ kind: 'grpc', maxTokens: 10, tokenRatio: 0.1 });
    await times(4, 'failed');
    expect(left()).toBe(6);
    expect(await one('retry failed')).toBe('failed');
    expect(left()).toBe(5);
    expect(await one('retry failed')).toBe('spent');
    expect(left()).toBe(5);
  });

  test('earns tokenRatio with each success, up to maxTokens', async () => {
    const { times, one, left } = play({ kind: 'grpc', maxTokens: 10, tokenRatio: 0.5 });
    await times(5, 'failed');
    expect(await one('retry ok')).toBe('spent');
    await one('ok');
    expect(left()).toBe(5.5);
    expect(await times(1, 'failed')).toBe(1);
    await times(50, 'ok');
    expect(left()).toBe(10);
  });

  test('never falls below 0', async () => {
    const { times, left } = play({ kind: 'grpc', maxTokens: 2 });
    await times(5, 'timeout');
    expect(left()).toBe(0);
  });
});

describe("budget as AWS'", () => {
  test('takes 5 for a retry and 10 for one after a timeout', async () => {
    const { one, left } = play({ kind: 'aws' });
    await one('failed');
    await one('retry failed');
    expect(left()).toBe(495);
    await one('timeout');
    await one('retry failed');
    expect(left()).toBe(485);
  });

  test('takes 10 only for the retry after the attempt that timed out', async () => {
    const { one, left } = play({ kind: 'aws' });
    await one('timeout');
    await one('retry failed');
    await one('retry failed');
    await one('retry queued');
    await one('retry timeout');
    expect(left()).toBe(500 - 10 - 5 - 5);
    await one('retry queued');
    await one('retry failed');
    expect(left()).toBe(480 - 10);
  });

  test('holds no more than its capacity after a refund', async () => {
    const { clock, start, one, times, left } = play({ kind: 'aws', capacity: 10 });
    await one('failed');
    const { refuse } = start();
    await one('failed');
    await one('retry ok');
    await times(20, 'ok');
    refuse();
    await clock.advance(0);
    expect(left()).toBe(10);
  });

  test('refunds what a retry cost when it succeeds, and earns 1 with another success', async () => {
    const { one, left } = play({ kind: 'aws', capacity: 100 });
    await one('timeout');
    await one('retry failed');
    await one('failed');
    await one('retry ok');
    expect(left()).toBe(90);
    await one('ok');
    expect(left()).toBe(91);
  });

  test('lets a retry through that costs exactly the tokens left', async () => {
    const { times, one, left } = play({ kind: 'aws', capacity: 10 });
    await one('failed');
    expect(await times(3, 'retry failed')).toBe(2);
    expect(left()).toBe(0);
  });

  test('refuses a retry that costs more than the tokens left, and holds no more than its capacity', async () => {
    const { one, times, left } = play({ kind: 'aws', capacity: 12 });
    await times(5, 'ok');
    expect(left()).toBe(12);
    await one('failed');
    expect(await times(3, 'retry failed')).toBe(2);
    expect(left()).toBe(2);
  });
});

test('budget lets first attempts through regardless of the tokens left', async () => {
  const { times } = play({ kind: 'grpc', maxTokens: 1 });
  expect(await times(100, 'failed')).toBe(100);
});

test.each([
  { kind: 'finagle', ratio: 0, minPerSecond: 1 },
  { kind: 'grpc', maxTokens: 10 },
  { kind: 'aws', capacity: 20 },
])('budget of $kind takes no token for a retry that ends before an attempt', async (kind) => {
  const { one, times, left } = play(kind);
  await one('failed');
  const before = left();
  expect(await times(100, 'retry rejected')).toBe(100);
  expect(await times(100, 'retry queued')).toBe(100);
  expect(left()).toBe(before);
});

test("budget as Finagle's refunds a retry to the time at which it was paid", async () => {
  const { clock, start, one, times, left } = play({ kind: 'finagle', ratio: 0, minPerSecond: 0.5 });
  await one('failed');
  const { refuse } = start(); // the budget pays this retry at 0 s
  await clock.advance(5000);
  refuse();
  await clock.advance(0);
  expect(left()).toBe(5);
  await clock.advance(5000); // the retry paid at 0 s no longer counts
  expect(await times(20, 'retry failed')).toBe(5);
});

test('budget says what it refused', async () => {
  const { events, one, times } = play({ kind: 'grpc', maxTokens: 1 });
  await times(1, 'failed');
  await one('retry ok');
  expect(events.filter(({ kind }) => kind === 'rejected')).toEqual([{ kind: 'rejected', policy: 'budget' }]);
});

const backoff = { kind: 'constant', delayMs: 400 };

test('retry -> budget: a refused retry fails at once, and frees its caller', async () => {
  const budget = { kind: 'grpc', maxTokens: 2 };
  const specs = [{ bulkhead: { concurrency: 1 } }, { retry: { backoff, budget } }];
  const { clock, start, kinds } = piped(specs, (clock) => slow(10, clock, new Error('failed')));
  const first = start();
  await clock.advance(10);
  expect(first.result).toEqual(new Error('failed'));
  expect(kinds().filter((kind) => !/bulkhead|budget/.test(kind))).toEqual(['rejected', 'refused-retry']);
  const second = start();
  await clock.advance(10);
  expect(second.result).toEqual(new Error('failed'));
  expect(clock.pending).toBe(0);
});

test.each([
  [{ kind: 'aws', capacity: 100 }, 95, 100],
  [{ kind: 'finagle', ratio: 0, minPerSecond: 1 }, 9, 10],
])('retry -> budget: a wait that is aborted refunds the retry, %j', async (budget, paid, full) => {
  for (const outer of [
    { deadline: { ms: 100 } },
    { timeout: { ms: 100 } },
    { bulkhead: { concurrency: 1 } },
  ]) {
    const specs = [outer, { retry: { backoff, budget } }];
    const { clock, start, events } = piped(specs, (clock) => slow(10, clock, new Error('failed')));
    const caller = new AbortController();
    start(work(), caller.signal);
    await clock.advance(99);
    expect(leftIn(events)).toBe(paid);
    await clock.advance(1);
    caller.abort();
    await clock.advance(0);
    expect(leftIn(events)).toBe(full);
  }
});
