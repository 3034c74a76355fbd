import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { BulkheadFull, BulkheadOptions, bulkhead } from '#policies/bulkhead.ts';
import { listeners, manual, microtask, ok, options, rig, watch, work } from './rig.ts';

function setup(chosen: object) {
  const { clock, events, surroundings } = rig();
  const { call, calls } = manual();
  const guarded = bulkhead(options(BulkheadOptions, chosen), surroundings)(call);
  const start = (id = 'r0', signal = new AbortController().signal) => watch(guarded(work(id), signal));
  const settle = () => clock.advance(0);
  const started = () => calls.map(({ work }) => work.id);
  return { clock, events, calls, start, settle, started };
}

test('bulkhead of 2 + 1: two calls run, the third waits, the fourth is refused', async () => {
  const { events, start, settle, started } = setup({ concurrency: 2, queue: 1 });
  const ends = ['a', 'b', 'c', 'd'].map((id) => start(id));
  await settle();
  expect(started()).toEqual(['a', 'b']);
  expect(ends[2]!.result).toBe('pending');
  expect(ends[3]!.result).toBeInstanceOf(BulkheadFull);
  expect(ends[3]!.result).toMatchObject({ message: '2 calls are under way and 1 wait', policy: 'bulkhead' });
  expect(events).toEqual([
    { kind: 'bulkhead', inFlight: 1, queued: 0 },
    { kind: 'bulkhead', inFlight: 2, queued: 0 },
    { kind: 'queued' },
    { kind: 'bulkhead', inFlight: 2, queued: 1 },
    { kind: 'rejected', policy: 'bulkhead' },
  ]);
});

test('bulkhead hands its slots over in the order of arrival, ahead of new calls', async () => {
  const { events, calls, start, settle, started } = setup({ concurrency: 1, queue: 9 });
  for (const id of ['a', 'b', 'c']) start(id);
  await settle();
  calls[0]!.resolve(ok);
  start('d');
  await settle();
  calls[1]!.reject(new Error('failed'));
  await settle();
  calls[2]!.resolve(ok);
  await settle();
  expect(started()).toEqual(['a', 'b', 'c', 'd']);
  expect(events.at(-1)).toEqual({ kind: 'bulkhead', inFlight: 1, queued: 0 });
});

test('bulkhead removes a waiter that gives up, with its reason and without a listener', async () => {
  const { events, calls, start, settle, started } = setup({ concurrency: 1, queue: 3 });
  const caller = new AbortController();
  const ends = [start('a'), start('b'), start('c', caller.signal), start('d')];
  caller.abort(new Error('gone'));
  await settle();
  expect(ends[2]!.result).toEqual(new Error('gone'));
  expect(listeners(caller.signal)).toBe(0);
  expect(events.at(-1)).toEqual({ kind: 'bulkhead', inFlight: 1, queued: 2 });
  calls[0]!.resolve(ok);
  await settle();
  calls[1]!.resolve(ok);
  await settle();
  expect(started()).toEqual(['a', 'b', 'd']);
});

test('bulkhead takes the slot back from a waiter that gives up just as it is handed over', async () => {
  const { calls, start, settle, started } = setup({ concurrency: 1, queue: 2 });
  const caller = new AbortController();
  start('a');
  const end = start('b', caller.signal);
  start('c');
  await settle();
  calls[0]!.resolve(ok);
  for (let turns = 0; listeners(caller.signal) > 0; turns++) {
    expect(turns).toBeLessThan(20);
    await microtask();
  }
  caller.abort(new Error('gone'));
  await settle();
  expect(end.result).toEqual(new Error('gone'));
  expect(started()).toEqual(['a', 'c']);
});

test.each([
  ['a slot that comes free just before is taken', 99, ok],
  ['after that it is refused', 100, new BulkheadFull('no slot of 1 came free in 100 ms')],
])('bulkhead with a queue timeout of 100 ms: %s', async (_sentence, freeAtMs, expected) => {
  const { clock, calls, start, settle } = setup({ concurrency: 1, queue: 1, queueTimeoutMs: 100 });
  start('a');
  const end = start('b');
  await clock.advance(freeAtMs);
  calls[0]!.resolve(ok);
  await settle();
  calls[1]?.resolve(ok);
  await settle();
  expect(end.result).toEqual(expected);
  expect(clock.pending).toBe(0);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'start' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('finish' as const, 'fail' as const, 'abort' as const),
      which: fc.nat(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  },
);

test.prop([
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 0, max: 6 }),
  fc.option(fc.constant(50), { nil: undefined }),
  fc.array(step, { maxLength: 100 }),
])('bulkhead exceeds no bound and loses no caller', async (concurrency, queue, queueTimeoutMs, steps) => {
  const { clock, events, calls, start } = setup({ concurrency, queue, queueTimeoutMs });
  const callers: { end: { result: unknown }; controller: AbortController }[] = [];
  const end = (index: number, good: boolean) => {
    const [call] = calls.splice(index, 1);
    if (good) call!.resolve(ok);
    else call!.reject(new Error('failed'));
  };

  for (const next of steps) {
    if (next.do === 'start') {
      const controller = new AbortController();
      callers.push({ end: start('r', controller.signal), controller });
    } else if (next.do === 'wait') await clock.advance(next.ms);
    else if (next.do === 'abort') callers[next.which % callers.length]?.controller.abort(new Error('gone'));
    else if (calls.length > 0) end(next.which % calls.length, next.do === 'finish');
    await microtask(); // runs only the next promise reactions, so that the steps interleave with them
    expect(calls.length).toBeLessThanOrEqual(concurrency);
  }
  for (let served = 0; served <= steps.length; served++) {
    await clock.advance(0);
    if (calls.length > 0) end(0, true);
  }
  expect(callers.filter(({ end }) => end.result === 'pending')).toEqual([]);
  expect(clock.pending).toBe(0);
  for (const event of events) {
    if (event.kind !== 'bulkhead') continue;
    expect(event.inFlight).toBeLessThanOrEqual(concurrency);
    expect(event.queued).toBeLessThanOrEqual(queue);
  }
  if (callers.length > 0)
    expect(events.findLast(({ kind }) => kind === 'bulkhead')).toMatchObject({ inFlight: 0, queued: 0 });
});
