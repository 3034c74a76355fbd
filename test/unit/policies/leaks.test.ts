import { expect, test } from 'vitest';
import type { VirtualClock } from '#kit/virtual-clock.ts';
import { Pipeline, pipeline } from '#policies/pipeline.ts';
import { type Call, Rejected } from '#policies/policy.ts';
import { listeners, ok, options, rig, work } from './rig.ts';

/**
 * Creates a downstream that answers, fails, is late, or hangs until the call is aborted. 60 of 1,024 calls in a row
 * fail, which opens the breaker.
 */
function mixed(clock: VirtualClock) {
  let calls = 0;
  let late = 0;
  const call: Call = (work, signal) => {
    work.attempts += 1;
    calls += 1;
    if (calls % 1024 < 60 || calls % 16 === 0) return Promise.reject(new Error('failed'));
    if (calls % 16 > 2) return Promise.resolve(ok);
    return new Promise((resolve, reject) => {
      if (calls % 16 === 2) return signal.addEventListener('abort', () => reject(signal.reason));
      late += 1;
      clock.after(40, () => {
        late -= 1;
        resolve(ok);
      });
    });
  };
  return { call, late: () => late };
}

class Tally extends Map<string, number> {
  add(name: string): void {
    this.set(name, (this.get(name) ?? 0) + 1);
  }
}

/** `ok`, and the names of all errors with which a call can end. The budget refuses only retries, so it has none. */
const ways = 'ok Error AttemptTimeout DeadlineExceeded TooLate BulkheadFull BreakerOpen gone'.split(' ');

test('pipeline leaves no timer and no listener after 3,000 calls', async () => {
  const { clock, events, surroundings } = rig();
  const specs = options(Pipeline, [
    { deadline: { ms: 30 } },
    {
      retry: {
        maxRetries: 1,
        backoff: { kind: 'constant', delayMs: 5 },
        budget: { kind: 'grpc', maxTokens: 10, tokenRatio: 0.4 },
      },
    },
    { breaker: { window: { kind: 'time', ms: 50 }, failureRatio: 0.5, openMs: 30 } },
    { bulkhead: { concurrency: 10, queue: 60, queueTimeoutMs: 10 } },
    { timeout: { ms: 20 } },
    { deadline: { leastMs: 1 } },
  ]);
  const downstream = mixed(clock);
  const call = pipeline(specs, surroundings)(downstream.call);
  const patient = new AbortController();
  const ended = new Tally();
  const refused = new Tally();
  const emitted = new Tally();
  let underWay = 0;
  const end = (how: string) => {
    ended.add(how);
    underWay -= 1;
  };
  const fail = (error: Error) => {
    if (error instanceof Rejected) refused.add(error.policy);
    end(error.name);
  };

  for (let batch = 0; batch < 30; batch++) {
    const impatient = new AbortController();
    for (let i = 0; i < 100; i++) {
      const caller = i % 4 === 0 ? impatient : patient;
      underWay += 1;
      call(
        { ...work(`r${i}`), callerDeadlineAtMs: clock.now() + ({ 1: 6, 3: 1 }[i % 8] ?? 1e9) },
        caller.signal,
      ).then(() => end('ok'), fail);
    }
    await clock.advance(3);
    impatient.abort({ name: 'gone' });
    while (underWay > 0) await clock.advance(1);
    expect(listeners(impatient.signal)).toBe(0);
    expect(listeners(patient.signal)).toBe(0);
    expect(clock.pending).toBe(downstream.late());
    for (const event of events.splice(0)) {
      if (event.kind === 'rejected') emitted.add(event.policy);
      if (event.kind === 'refused-retry') refused.add(event.policy);
    }
  }
  expect([...ended.keys()].sort()).toEqual(ways.toSorted());
  expect([...ended.values()].reduce((sum, count) => sum + count)).toBe(3000);
  expect(emitted).toEqual(refused); // each refusal of a call or a retry is emitted once, with the name of its policy
  expect(emitted.get('budget')).toBeGreaterThan(0);
});
