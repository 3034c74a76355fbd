import { expect, test } from 'vitest';
import { attemptsOf, type Callers } from '#downstream/attempts.ts';
import { Numbering } from '#downstream/numbering.ts';
import type { Answer } from '#kit/http/problem.ts';
import { Metrics } from '#kit/metrics.ts';
import { StorageError } from '#kit/process/storage.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { type Effect, isOfWarmUp } from '#kit/wire.ts';
import { silent } from '#test/support/serve.ts';

interface Caller {
  isGone: boolean;
  readonly watching: Set<() => void>;
  answers: [atMs: number, status: number | Error][];
}

/** Creates downstream's `Attempts` without HTTP. Storing an effect of the warm-up fails. */
function rig(initial: object = {}) {
  const clock = new VirtualClock();
  const effects: Effect[] = [];
  const callers: Callers<Caller> = {
    isGone: ({ isGone }) => isGone,
    watch: ({ watching }, gone) => void watching.add(gone),
    unwatch: ({ watching }, gone) => void watching.delete(gone),
    answer: ({ answers }, { status }: Answer) => void answers.push([clock.now(), status]),
    fail: ({ answers }, error) => void answers.push([clock.now(), error as Error]),
  };
  const metrics = new Metrics();
  const log = {
    forgotten: 0,
    has: (id: string) => effects.some((effect) => effect.id === id),
    commit(effect: Effect) {
      if (isOfWarmUp(effect.id)) throw new StorageError('disk', 'the log is full');
      effects.push(effect);
    },
  };
  const model = { kind: 'fixed', latencyMs: 20 };
  const attempts = attemptsOf(
    { log: silent, metrics, effects: log, numbering: new Numbering(), clock, initial: { model, ...initial } },
    callers,
  );
  const begin = (id: string, leftMs?: number): Caller => {
    const caller: Caller = { isGone: false, watching: new Set(), answers: [] };
    attempts.begin(
      { body: { id }, leftMs, class: undefined, attempt: undefined, traceparent: undefined },
      caller,
    );
    return caller;
  };
  const leave = (caller: Caller) => {
    caller.isGone = true;
    for (const gone of caller.watching) gone();
  };
  const result = async () => /result="(\w+)"} 1/.exec(await metrics.text(['spillway_attempts_total']))?.[1];
  return { clock, attempts, effects, begin, leave, result };
}

test.each<[string, object, number | undefined, [number, number][], string, number]>([
  ['works as long as its model says', {}, undefined, [[20, 200]], 'ok', 1],
  [
    'fails after that time',
    { model: { kind: 'fixed', failureRatio: 1, latencyMs: 20 } },
    9,
    [[20, 500]],
    'failed',
    0,
  ],
  ['ignores the deadline', {}, 15, [[20, 200]], 'ok', 1],
  ['stops at the deadline', { deadlines: 'stop' }, 15, [[15, 504]], 'expired', 0],
  ['refuses at once what would be late', { deadlines: 'refuse' }, 15, [[0, 504]], 'expired', 0],
])('begin %s', async (_sentence, config, leftMs, answers, ended, effects) => {
  const it = rig(config);
  const caller = it.begin('r1', leftMs);
  await it.clock.run();
  expect(caller.answers).toEqual(answers);
  expect(await it.result()).toBe(ended);
  expect(it.effects).toHaveLength(effects);
});

test.each([
  [false, [true], 'ok'],
  [true, [], 'abandoned'],
])('begin with abandonOnAbort %s: a caller leaves', async (abandonOnAbort, gone, ended) => {
  const it = rig({ abandonOnAbort });
  const caller = it.begin('r1');
  await it.clock.advance(5);
  it.leave(caller);
  await it.clock.run();
  expect(it.effects.map((effect) => effect.gone)).toEqual(gone);
  expect(await it.result()).toBe(ended);
});

test('begin answers with the error of an effect that could not be stored', async () => {
  const { clock, attempts, begin, result } = rig();
  const caller = begin('w1');
  await clock.run();
  expect(caller.answers).toEqual([[20, expect.any(StorageError)]]);
  expect([await result(), attempts.unready()]).toEqual(['failed', 'the log is full']);
});
