import { describe, expect, test } from 'vitest';
import { readAddress } from '#lab/play/address.ts';
import { playedExperiment } from '#lab/play/experiment.ts';
import { schedule } from '#load/phases.ts';
import { smallPlayable } from '#test/fixtures/playable.ts';

const played = (differences: string) =>
  playedExperiment(readAddress(`#small&${differences}`, [smallPlayable]).setting, smallPlayable);

const policiesOf = (differences: string) => played(differences).experiment.variants.calls!.policies;
const [retry, timeout] = policiesOf('') as [{ retry: object }, object];

describe('playedExperiment', () => {
  test.each([
    ['timeout=90', [retry, { timeout: { ms: 90 } }], []],
    ['A.timeout=0', [retry, { timeout: { ms: 1 } }], ['timeout.ms: 1 instead of 0']],
    [
      'A.retry=2.6',
      [{ retry: { ...retry.retry, maxRetries: 3 } }, timeout],
      ['retry.maxRetries: 3 instead of 2.6'],
    ],
    ['A.timeout=soon', [retry, timeout], ['timeout.ms: expected a number, got soon']],
    ['A.timeout=off', [retry], []],
    ['A.bulkhead=7', [retry, { bulkhead: { concurrency: 7, queue: 0 } }, timeout], []],
    ['A.budgets=7', [retry, timeout], ['unknown option budgets, did you mean budget?']],
    ['A.timeout.sec=7', [retry, timeout], [expect.stringContaining('unknown option timeout.sec')]],
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
    ['A.breaker.slowRatio=0.5', [retry, timeout], ['left out: expected a field slowCallMs beside it']],
  ])('changes policies by %s', (differences, policies, notes) => {
    expect(policiesOf(differences)).toEqual(policies);
    expect(played(differences).notes).toEqual(notes);
  });

  test('adds a budget, and removes it', () => {
    const budget = { kind: 'finagle', ttlMs: 10_000, ratio: 0.3, minPerSecond: 0 };
    expect(policiesOf('A.budget=0.3')).toEqual([{ retry: { ...retry.retry, budget } }, timeout]);
    expect(policiesOf('A.budget=0.3&A.budget=off')).toEqual([retry, timeout]);
  });

  test('gives the sides different names, and puts the faults of clicks among those of the file', () => {
    const { names, experiment } = played('B=calls&slow@0.2=0.1&slow@0.5=0.1&errors@99=1');
    expect(names).toEqual({ A: 'calls', B: 'calls-b' });
    expect(Object.keys(experiment.variants)).toEqual(['calls', 'calls-b']);
    expect(experiment.faults.map(({ name, atMs }) => [name, atMs])).toEqual([
      ['slow', 200],
      ['slow-2', 500],
    ]);
  });

  test('keeps the load before its first change, draw by draw', () => {
    const times = (differences: string) =>
      [...schedule(played(differences).experiment.load, 1)].map(({ scheduledAtMs }) => scheduledAtMs);
    const before = (ms: number) => ms < 400;
    expect(times('load@0.4=600').filter(before)).toEqual(times('').filter(before));
    expect(times('load@0.4=600').length).toBeGreaterThan(3 * times('').length);
    expect(Math.max(...times('load@1=60'))).toBeGreaterThan(1400);
    expect(times('spike@0.4=0.2x3').filter((ms) => ms >= 600).length).toBeLessThan(times('').length);
  });
});
