import { expect, test } from 'vitest';
import { addressOf, readAddress } from '#lab/play/address.ts';
import { playedExperiment } from '#lab/play/experiment.ts';
import { schedule } from '#load/phases.ts';
import { smallPlayable } from '#test/fixtures/playable.ts';

const played = (differences: string) =>
  playedExperiment(readAddress(`#small&${differences}`, [smallPlayable]).setting);

const policiesOf = (differences: string) => played(differences).experiment.variants.calls!.policies;
const [retry, timeout] = policiesOf('') as [{ retry: object }, object];

test.each([
  ['timeout=90', [retry, { timeout: { ms: 90 } }], []],
  ['A.timeout=0', [retry, { timeout: { ms: 1 } }], ['A.timeout=0: 1 instead']],
  ['A.retry=2.6', [{ retry: { ...retry.retry, maxRetries: 3 } }, timeout], ['A.retry=2.6: 3 instead']],
  ['A.timeout=soon', [retry, timeout], ['A.timeout=soon: expected a number, 80 instead']],
  ['A.timeout=off', [retry], []],
  ['A.timeout.class=quick', [retry, { timeout: { ms: 80, class: 'quick' } }], []],
  [
    'A.timeout.class=quik',
    [retry, timeout],
    ['A.timeout.class=quik: left out: unknown class quik, did you mean quick?'],
  ],
  ['A.bulkhead=7', [retry, { bulkhead: { concurrency: 7, queue: 0 } }, timeout], []],
  ['A.budgets=7', [retry, timeout], ['A.budgets=7: unknown option, did you mean budget?']],
  ['A.timeout.sec=7', [retry, timeout], ['A.timeout.sec=7: unknown option, did you mean timeout.ms?']],
  [
    'A.retry.backoff.kind=exponential',
    [
      {
        retry: { ...retry.retry, backoff: { kind: 'exponential', baseMs: 20, capMs: 400, jitter: 'full' } },
      },
      timeout,
    ],
    [],
  ],
  [
    'colour=9',
    [retry, timeout],
    [expect.stringMatching(/unknown option, expected one of .*timeout.*spike.*, B$/)],
  ],
  [
    'A.breaker.slowRatio=0.5',
    [retry, timeout],
    ['A.breaker.slowRatio=0.5: left out: expected a field slowCallMs beside it'],
  ],
])('playedExperiment changes policies by %s', (differences, policies, notes) => {
  expect(policiesOf(differences)).toEqual(policies);
  expect(played(differences).notes).toEqual(notes);
});

test('playedExperiment changes the second policy of a name', () => {
  const { value } = smallPlayable;
  const calls = { path: 'rpc', policies: [{ timeout: { ms: 90 } }, retry, { timeout: { ms: 50 } }] };
  const playable = {
    ...smallPlayable,
    value: { ...value, variants: { ...(value.variants as object), calls } },
  };
  const { setting } = readAddress('#small&A.timeout=80&A.timeout2=40', [playable]);
  const { policies } = playedExperiment(setting).experiment.variants.calls!;
  expect(policies).toEqual([{ timeout: { ms: 80 } }, retry, { timeout: { ms: 40 } }]);
  expect(addressOf(setting)).toBe('#small&A.timeout=80&A.timeout2=40');
});

test('playedExperiment adds a budget, and removes it', () => {
  const budget = { kind: 'finagle', ttlMs: 10_000, ratio: 0.3, minPerSecond: 0 };
  expect(policiesOf('A.budget=0.3')).toEqual([{ retry: { ...retry.retry, budget } }, timeout]);
  expect(policiesOf('A.budget=0.3&A.budget=off')).toEqual([retry, timeout]);
});

test('playedExperiment changes policies and consumer at a time, each on top of those before', () => {
  const { experiment, notes } = played('A.retry@0.4=off&A.timeout@0.2=9&B.consumer@0.3=1&B.stream@0.3=7');
  const { calls, events } = experiment.variants;
  expect(calls!.policies).toEqual([retry, timeout]);
  expect(calls!.changes).toEqual([
    { atMs: 200, policies: [retry, { timeout: { ms: 9 } }] },
    { atMs: 400, policies: [{ timeout: { ms: 9 } }] },
  ]);
  expect(events).toMatchObject({
    stream: { maxPending: 7 },
    changes: [{ atMs: 300, policies: [], consumer: { concurrency: 1 } }],
  });
  expect(notes).toEqual(['B.stream@0.3=7: applies from the start']);
});

test('playedExperiment leaves out what comes after the end, and what affects no variant', () => {
  const { notes, experiment } = played('spike@99=1x3&timeout@99=9&slow@99=1&B=calls&redrive@0.5');
  expect(experiment.redrives).toEqual([]);
  expect(notes).toEqual([
    ...['spike@99=1x3', 'timeout@99=9', 'slow@99=1'].map(
      (part) => `${part}: left out, since it is after the end at 1.6 s`,
    ),
    'redrive@0.5: left out: expected a variant of path event, since only events have dead letters',
  ]);
});

test('playedExperiment gives the sides different names, and puts the faults of clicks among those of the file', () => {
  const { names, experiment } = played('B=calls&slow@0.2=0.1&slow@0.5=0.1&errors@99=1');
  expect(names).toEqual({ A: 'calls', B: 'calls-b' });
  expect(Object.keys(experiment.variants)).toEqual(['calls', 'calls-b']);
  expect(experiment.faults.map(({ name, atMs }) => [name, atMs])).toEqual([
    ['slow', 200],
    ['slow-2', 500],
  ]);
});

test('playedExperiment keeps the load before its first change, draw by draw', () => {
  const times = (differences: string) =>
    [...schedule(played(differences).experiment.load, 1)].map(({ scheduledAtMs }) => scheduledAtMs);
  const before = (ms: number) => ms < 400;
  expect(times('load@0.4=600').filter(before)).toEqual(times('').filter(before));
  expect(times('load@0.4=600').length).toBeGreaterThan(3 * times('').length);
  expect(Math.max(...times('load@1=60'))).toBeGreaterThan(1400);
  expect(times('spike@0.4=0.2x3').filter((ms) => ms >= 600).length).toBeLessThan(times('').length);
});
