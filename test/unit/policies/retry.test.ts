import { expect, test } from 'vitest';
import { drawFor } from '#kit/random.ts';
import { backoffMs } from '#policies/backoff.ts';
import { type Call, Rejected } from '#policies/policy.ts';
import { RetryOptions, retry } from '#policies/retry.ts';
import { AttemptTimeout } from '#policies/timeout.ts';
import { listeners, never, ok, options, rig, script, watch, work } from './rig.ts';

const noWait = { kind: 'constant', delayMs: 0 };
const failures = (count: number) => Array.from({ length: count }, (_, i) => new Error(`failure ${i + 1}`));

test.each([
  ['none: one try', 0, 1],
  ['one: two tries', 1, 2],
  ['three: four tries', 3, 4],
])('retry makes 1 + maxRetries tries, then rejects with the last error, %s', async (_, maxRetries, tries) => {
  const { clock, events, surroundings } = rig();
  const request = work();
  const call = retry(
    options(RetryOptions, { maxRetries, backoff: noWait }),
    surroundings,
  )(script(...failures(9)));
  const end = watch(call(request, never));
  await clock.run();
  expect(end.result).toEqual(new Error(`failure ${tries}`));
  expect(request.attempts).toBe(tries);
  expect(events).toHaveLength(maxRetries);
});

test('retry stops at the first success, even if that is the last try', async () => {
  const { clock, surroundings } = rig();
  const request = work();
  const call = retry(options(RetryOptions, { backoff: noWait }), surroundings)(script(...failures(3), ok));
  const end = watch(call(request, never));
  await clock.run();
  expect(end.result).toBe(ok);
  expect(request.attempts).toBe(4);
});

test("retry waits for the backoff of the attempt's draw, and reports it", async () => {
  const { clock, events, surroundings } = rig(7);
  const chosen = options(RetryOptions, {});
  const draw = (attempt: number) => drawFor(7, 'r5', attempt, 'backoff');
  const delays = [0, 1, 2].map((i) => backoffMs(chosen.backoff, i, draw(i + 1)));
  const end = watch(retry(chosen, surroundings)(script(...failures(4)))(work('r5'), never));
  await clock.run();
  expect(end.result).toBeInstanceOf(Error);
  expect(clock.now()).toBeCloseTo(delays[0]! + delays[1]! + delays[2]!, 9);
  expect(events).toEqual(delays.map((delayMs, i) => ({ kind: 'retry', attempt: i + 1, delayMs })));
});

test.each([
  ['longer than its backoff', 5000, 5000],
  ['shorter than its backoff', 5, 10],
  ['of a day, which it bounds', 86_400_000, 60_000],
  ['that is no number', Number.NaN, 10],
])('retry waits as long as an error asks for, %s', async (_, retryAfterMs, waitMs) => {
  const { clock, surroundings } = rig();
  const chosen = options(RetryOptions, { backoff: { kind: 'constant', delayMs: 10 } });
  const failure = Object.assign(new Error('busy'), { retryAfterMs });
  const end = watch(retry(chosen, surroundings)(script(failure, ok))(work(), never));
  await clock.run();
  expect(end.result).toBe(ok);
  expect(clock.now()).toBe(waitMs);
});

test('retry leaves a refusal alone unless configured to retry it', async () => {
  const refusals = () => [new Rejected('bulkhead', 'full'), ok];
  const { clock, surroundings } = rig();
  const patient = retry(options(RetryOptions, { retryRejected: true }), surroundings)(script(...refusals()));
  const usual = retry(options(RetryOptions, {}), surroundings)(script(...refusals()));
  const [refused, accepted] = [watch(usual(work(), never)), watch(patient(work(), never))];
  await clock.run();
  expect(refused.result).toBeInstanceOf(Rejected);
  expect(accepted.result).toBe(ok);
});

test('retry waits by a separate draw after each refusal, and as usual after an attempt', async () => {
  const { clock, events, surroundings } = rig();
  const chosen = options(RetryOptions, {
    retryRejected: true,
    maxRetries: 4,
    backoff: { kind: 'constant', delayMs: 100, jitter: 'full' },
  });
  let tries = 0;
  const call = retry(
    chosen,
    surroundings,
  )(async (work) => {
    tries += 1;
    if (tries === 2 || tries === 3) throw new Rejected('bulkhead', 'full');
    work.attempts += 1;
    throw new Error('failed');
  });
  const end = watch(call(work('r1'), never));
  await clock.run();
  expect(end.result).toEqual(new Error('failed'));
  const drawn = [1, 2, 3, 4].map((attempt) => 100 * drawFor(1, 'r1', attempt, 'backoff'));
  const waits = events.filter(({ kind }) => kind === 'retry');
  expect(waits).toMatchObject(drawn.map((delayMs, index) => ({ attempt: index + 1, delayMs })));
});

/** Tries once per character: `x` is a failed attempt, `r` a refusal, `t` a timeout while waiting for a slot. */
async function tries(ends: string, retryRejected: boolean) {
  const { clock, events, surroundings } = rig();
  const chosen = options(RetryOptions, { retryRejected, maxRetries: ends.length - 1, backoff: noWait });
  let next = 0;
  const call: Call = async (work) => {
    const at = next++;
    if (ends[at] === 'r') throw new Rejected('bulkhead', `r${at}`);
    if (ends[at] === 't') throw new AttemptTimeout(at);
    work.attempts += 1;
    throw new Error(`x${at}`);
  };
  const end = watch(retry(chosen, surroundings)(call)(work(), never));
  await clock.run();
  const refused = events.filter(({ kind }) => kind === 'refused-retry');
  return { message: (end.result as Error).message, refused };
}

test.each([
  ['xr', false, 'x0', 1],
  ['r', false, 'r0', 0],
  ['rr', true, 'r1', 0],
  ['xr', true, 'x0', 1],
  ['xrr', true, 'x0', 2],
  ['rxr', true, 'x1', 1],
  ['xrx', true, 'x2', 1],
  ['xrxr', true, 'x2', 2],
  ['xt', false, 'x0', 0],
  ['tr', false, 'r1', 0],
])(
  'retry, tries %s, again after a refusal: %s, rejects: %s, refused: %i',
  async (ends, retryRejected, message, count) => {
    const { message: got, refused } = await tries(ends, retryRejected);
    expect(got).toBe(message);
    expect(refused).toEqual(Array(count).fill({ kind: 'refused-retry', policy: 'bulkhead' }));
  },
);

test('retry stops waiting when the caller gives up, and leaves no timer and no listener', async () => {
  const { clock, surroundings } = rig();
  const caller = new AbortController();
  const backoff = { kind: 'constant', delayMs: 100 };
  const call = retry(options(RetryOptions, { backoff }), surroundings)(script(...failures(2)));
  const end = watch(call(work(), caller.signal));
  await clock.advance(99);
  expect(clock.pending).toBe(1);
  caller.abort(new Error('the caller disconnected'));
  await clock.advance(0);
  expect(end.result).toEqual(new Error('the caller disconnected'));
  expect(clock.pending).toBe(0);
  expect(listeners(caller.signal)).toBe(0);
});
