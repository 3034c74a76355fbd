import { expect, test } from 'vitest';
import { BreakerOptions } from '#policies/breaker/options.ts';
import { BreakerOpen, breaker } from '#policies/breaker.ts';
import { opened, seeds, setup, small } from './breaker-rig.ts';
import { ok, options, rig } from './rig.ts';

test.each([
  ['7 of 20 keep it closed', 'xxxxxxx.............', []],
  ['8 of 20 open it', 'xxxxxxxx............', ['open']],
  ['19 of 19 keep it closed: the window is not full', 'xxxxxxxxxxxxxxxxxxx', []],
  ['8 of 21 keep it closed when the oldest has left the window', 'xxxxxxx.............x', []],
  ['8 of the last 20 open it', '.xxxxxxx............x', ['open']],
])('breaker with 8 failures in a window of 20: %s', async (_sentence, pattern, expected) => {
  const { make, states } = setup(seeds);
  await make(pattern);
  expect(states()).toEqual(expected);
});

test.each([
  ['9 calls keep it closed: fewer than minimumCalls', 'xxxxxxxxx', []],
  ['4 of 10 keep it closed', 'xxxx......', []],
  ['5 of 10 open it', 'xxxxx.....', ['open']],
])('breaker with half failed of at least 10 in a time window: %s', async (_sentence, pattern, expected) => {
  const window = { kind: 'time', ms: 1000 };
  const { make, states } = setup({ window, minimumCalls: 10, failureRatio: 0.5 });
  await make(pattern);
  expect(states()).toEqual(expected);
});

test('breaker does not count an answer of 429', async () => {
  const { make, states } = setup(small);
  await make('xttt.ttt');
  expect(states()).toEqual([]);
  await make('xtx');
  expect(states()).toEqual(['open']);
});

test('breaker asks for 20 calls in a time window by default', async () => {
  const { make, states } = setup({ window: { kind: 'time' }, failures: 1 });
  await make('x'.repeat(19));
  expect(states()).toEqual([]);
  await make('x');
  expect(states()).toEqual(['open']);
});

test.each([
  ['as long as slowCallMs is not slow', 100, []],
  ['longer than slowCallMs is slow', 100.1, ['open']],
])('breaker by slow calls: %s', async (_sentence, ms, expected) => {
  const window = { kind: 'count', size: 2 };
  const { clock, calls, start, make, settle, states } = setup({ window, slowCallMs: 100, slowRatio: 0.5 });
  await make('.');
  start();
  await clock.advance(ms);
  calls.at(-1)!.resolve(ok);
  await settle();
  expect(states()).toEqual(expected);
});

test('breaker refuses calls for openMs and says for how long, then lets one through', async () => {
  const { clock, events, calls, make, start, settle } = setup(small);
  await make('xx');
  await clock.advance(499.5);
  const refused = start();
  await settle();
  expect(refused.result).toBeInstanceOf(BreakerOpen);
  expect(refused.result).toMatchObject({ policy: 'breaker', retryAfterMs: 0.5 });
  expect(events.at(-1)).toEqual({ kind: 'rejected', policy: 'breaker' });
  expect(calls).toHaveLength(2);
  await clock.advance(0.5);
  start();
  expect(calls).toHaveLength(3);
});

test('breaker spreads its open time by the draw of the call that opened it', async () => {
  const openFor = async (id: string) => {
    const { make, start, settle } = setup({ ...small, openJitter: 0.1 });
    await make('xx', id);
    const refused = start();
    await settle();
    return (refused.result as BreakerOpen).retryAfterMs!;
  };
  const spread = await Promise.all(Array.from({ length: 200 }, (_, i) => openFor(`r${i}`)));
  expect(Math.min(...spread)).toBeGreaterThanOrEqual(450);
  expect(Math.min(...spread)).toBeLessThan(455);
  expect(Math.max(...spread)).toBeLessThan(550);
  expect(Math.max(...spread)).toBeGreaterThan(545);
  expect(await openFor('r7')).toBe(spread[7]);
});

test('breaker counts neither a refusal by an inner policy nor a caller that gives up', async () => {
  const { calls, make, start, settle, states } = setup(small);
  const caller = new AbortController();
  await make('xrr');
  start('r0', caller.signal);
  caller.abort();
  calls.at(-1)!.reject(new Error('aborted'));
  await settle();
  expect(states()).toEqual([]);
  await make('x');
  expect(states()).toEqual(['open']);
});

test('breaker does not start a call whose caller has given up, nor spend a permit on it', async () => {
  const { calls, make, start } = await opened();
  start('r0', AbortSignal.abort());
  expect(calls).toHaveLength(2);
  await make('.');
});

test('breaker refuses options that contradict each other, all at once', () => {
  const window = { kind: 'count', size: 20 };
  const contradictions = { window, failures: 21, minimumCalls: 21, failureRatio: 0.5, slowRatio: 0.5 };
  const build = (chosen: object) => () => breaker(options(BreakerOptions, chosen), rig().surroundings);
  expect(build(contradictions)).toThrow(
    '/failureRatio: expected either failures or failureRatio, got both; ' +
      '/slowRatio: expected a field slowCallMs beside it; ' +
      '/failures: expected a number <= window.size (20), got 21; ' +
      '/minimumCalls: expected a number <= window.size (20), got 21',
  );
  expect(build({ window })).toThrow('expected one of the fields failures, failureRatio or slowRatio');
  expect(build({ window, failures: 20, slowCallMs: 5 })).toThrow('/slowCallMs: expected a field slowRatio');
  expect(build({ window, failures: 20, minimumCalls: 20 })).not.toThrow();
});
