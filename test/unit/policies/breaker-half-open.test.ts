import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { BreakerOptions } from '#policies/breaker/options.ts';
import { breaker } from '#policies/breaker.ts';
import { Rejected } from '#policies/policy.ts';
import { opened, seeds, setup, small } from './breaker-rig.ts';
import { manual, microtask, ok, options, rig, watch, work } from './rig.ts';

test('breaker, half-open: exactly the quota passes, the rest is refused without a time', async () => {
  const { calls, start, settle, states } = await opened({ calls: 3 });
  const ends = Array.from({ length: 5 }, () => start());
  await settle();
  expect(states()).toEqual(['open', 'half-open']);
  expect(calls).toHaveLength(2 + 3);
  expect(ends.slice(0, 3).map(({ result }) => result)).toEqual(['pending', 'pending', 'pending']);
  expect(ends[3]!.result).toMatchObject({ name: 'BreakerOpen', retryAfterMs: undefined });
});

test('breaker, half-open: closes with an empty window when all trial calls have succeeded', async () => {
  const { make, states } = await opened({ calls: 2 });
  await make('.');
  expect(states()).toEqual(['open', 'half-open']);
  await make('.');
  expect(states()).toEqual(['open', 'half-open', 'closed']);
  await make('x.'); // if the window still had the old failures, `x` would open the breaker
  expect(states()).toEqual(['open', 'half-open', 'closed']);
});

test('breaker, half-open: opens again for the whole time at the first trial call that fails', async () => {
  const { clock, make, states } = await opened({ calls: 3 });
  await make('.x');
  expect(states()).toEqual(['open', 'half-open', 'open']);
  await clock.advance(499);
  await expect(make('.')).rejects.toMatchObject({ retryAfterMs: 1 });
});

test('breaker, half-open: opens again at a slow trial call', async () => {
  const chosen = {
    window: { kind: 'count', size: 1 },
    failures: 1,
    slowCallMs: 100,
    slowRatio: 1,
    openMs: 500,
  };
  const { clock, calls, make, start, settle, states } = setup(chosen);
  await make('x');
  await clock.advance(500);
  start();
  await clock.advance(101);
  calls.at(-1)!.resolve(ok);
  await settle();
  expect(states()).toEqual(['open', 'half-open', 'open']);
});

test('breaker, half-open: a refusal by an inner policy, or a caller that gives up, returns the permit', async () => {
  const { calls, make, start, settle, states } = await opened();
  await make('r');
  const caller = new AbortController();
  start('r0', caller.signal);
  caller.abort();
  calls.at(-1)!.reject(new Error('aborted'));
  await settle();
  expect(states()).toEqual(['open', 'half-open']);
  await make('.');
  expect(states()).toEqual(['open', 'half-open', 'closed']);
});

test('breaker, half-open: opens again when maxWaitMs ends without a verdict, then tries another call', async () => {
  const { clock, calls, make, start, settle, states } = await opened({ maxWaitMs: 1000 });
  start(); // the trial call, which never ends
  await clock.advance(999.5);
  const waiting = start();
  await settle();
  expect(waiting.result).toMatchObject({ name: 'BreakerOpen', retryAfterMs: undefined });
  await clock.advance(0.5);
  const refused = start();
  await settle();
  expect(refused.result).toMatchObject({ name: 'BreakerOpen', retryAfterMs: 500 });
  expect(states()).toEqual(['open', 'half-open', 'open']);
  await clock.advance(500);
  await make('.');
  expect(calls).toHaveLength(2 + 2);
  expect(states()).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
});

test('breaker, half-open: its open time begins when maxWaitMs ends, not with the next call', async () => {
  const { clock, make, start, states } = await opened({ maxWaitMs: 1000 });
  start();
  await clock.advance(1000 + 500);
  await make('.');
  expect(states()).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
});

test.each([
  ['just before maxWaitMs closes it', 999, ['open', 'half-open', 'closed']],
  ['at maxWaitMs is too late', 1000, ['open', 'half-open', 'open']],
])('breaker, half-open: a trial call that ends %s', async (_sentence, ms, expected) => {
  const { clock, calls, start, settle, states } = await opened({ maxWaitMs: 1000 });
  start();
  await clock.advance(ms);
  calls.at(-1)!.resolve(ok);
  await settle();
  expect(states()).toEqual(expected);
});

test.each([
  ['60 s by default', {}, ['open', 'half-open', 'open']],
  ['without limit at 0', { maxWaitMs: 0 }, ['open', 'half-open']],
])('breaker, half-open: waits for its trial call %s', async (_sentence, chosen, expected) => {
  const { clock, start, states } = await opened(chosen);
  start();
  await clock.advance(60_000 - 1);
  start();
  expect(states()).toEqual(['open', 'half-open']);
  await clock.advance(1);
  start();
  expect(states()).toEqual(expected);
});

test('breaker drops late results of calls that started in another state', async () => {
  const { clock, calls, make, start, settle, states } = setup(small);
  for (let i = 0; i < 6; i++) start();
  const end = (i: number, good: boolean) =>
    good ? calls[i]!.resolve(ok) : calls[i]!.reject(new Error('failed'));
  end(0, false);
  end(1, false);
  await clock.advance(500);
  start(); // the trial call
  end(2, true); // would close the breaker, if it counted
  end(3, false); // would open the breaker
  await settle();
  expect(states()).toEqual(['open', 'half-open']);
  calls[6]!.resolve(ok);
  await settle();
  end(4, false);
  end(5, false); // the second failure would open the breaker
  await settle();
  expect(states()).toEqual(['open', 'half-open', 'closed']);
  await make('.');
});

test.each([
  ['a success that pushes out a success opens it again', '............xxxxxxxx', '.', ['open']],
  ['a success that pushes out a failure keeps it closed', 'xxxxxxxx............', '.', []],
  ['a failure that pushes out a failure opens it again', 'xxxxxxxx............', 'x', ['open']],
])('breaker without half-open closes with the window as it was: %s', async (_, before, after, expected) => {
  const { clock, make, states } = setup(seeds);
  await make(before);
  await clock.advance(500);
  await make(after);
  expect(states()).toEqual(['open', 'closed', ...expected]);
});

test('breaker without half-open lets all calls through after openMs', async () => {
  const { clock, calls, make, start } = setup(seeds);
  await make('xxxxxxxx............');
  await clock.advance(500);
  for (let i = 0; i < 100; i++) start();
  expect(calls).toHaveLength(120);
});

type Ending = 'good' | 'bad' | 'refused' | 'gone';
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'start' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(),
      how: fc.constantFrom<Ending>('good', 'bad', 'bad', 'refused', 'gone'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }),
  },
);

test.prop([
  fc.integer({ min: 1, max: 4 }),
  fc.constantFrom(0, 150),
  fc.array(step, { minLength: 20, maxLength: 120 }),
])('breaker never lets more than its quota through, in any interleaving', async (quota, maxWaitMs, steps) => {
  const { clock, surroundings } = rig();
  const { call, calls } = manual();
  // Last state that the breaker reported, and the number of calls that it let through since. Calls that returned their
  // permit don't count.
  let now = { state: 'closed', passed: 0 };
  const emit: typeof surroundings.emit = (event) => {
    if (event.kind === 'breaker') now = { state: event.state, passed: 0 };
  };
  const window = { kind: 'count', size: 3 };
  const halfOpen = { kind: 'trial', calls: quota, maxWaitMs };
  const chosen = { window, failures: 2, openMs: 100, halfOpen };
  const guarded = breaker(options(BreakerOptions, chosen), { ...surroundings, emit })(call);
  const underWay: ((how: Ending) => void)[] = [];

  const start = () => {
    const caller = new AbortController();
    void watch(guarded(work(), caller.signal));
    const passed = calls.pop();
    if (!passed) return;
    const started = now;
    started.passed += 1;
    underWay.push((how) => {
      if (how === 'refused' || how === 'gone') started.passed -= 1;
      if (how === 'gone') caller.abort();
      if (how === 'good') passed.resolve(ok);
      else passed.reject(how === 'refused' ? new Rejected('bulkhead', 'full') : new Error(how));
    });
    expect(started.state).not.toBe('open');
    if (started.state === 'half-open') expect(started.passed).toBeLessThanOrEqual(quota);
  };

  for (const next of steps) {
    if (next.do === 'wait') await clock.advance(next.ms);
    else if (next.do === 'start') start();
    else if (underWay.length > 0) underWay.splice(next.which % underWay.length, 1)[0]!(next.how);
    await microtask(); // runs only the next promise reactions, so that the steps interleave with them
  }

  // No permit was lost: from any state, the breaker can close again.
  for (const end of underWay.splice(0)) end('gone');
  for (let i = 0; i < 2 * quota + 2; i++) {
    if (now.state === 'open') await clock.advance(100);
    start();
    underWay.pop()?.('good');
    await clock.advance(0);
  }
  expect(now.state).toBe('closed');
});
