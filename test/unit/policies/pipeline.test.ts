import { expect, test } from 'vitest';
import { InvalidError } from '#kit/schema/problems.ts';
import { maxAttempts, Pipeline, pipeline, problems } from '#policies/pipeline.ts';
import { never, ok, options, rig, script, watch, work } from './rig.ts';

test('pipeline of no policies is the call itself', () => {
  const call = script(ok);
  expect(pipeline([], rig().surroundings)(call)).toBe(call);
});

test('pipeline has a policy for a class pass by all other requests', async () => {
  const specs = options(Pipeline, [
    { bulkhead: { concurrency: 1, class: 'slow' } },
    { bulkhead: { concurrency: 2, class: 'quick' } },
    { retry: { class: 'none' } },
  ]);
  const hang = () => new Promise<typeof ok>(() => {});
  const { clock, surroundings } = rig();
  const call = pipeline(specs, surroundings)(hang);
  const ends = ['slow', 'slow', 'quick', 'quick', 'quick', undefined, undefined].map((ofClass) =>
    watch(call({ ...work(), class: ofClass }, never)),
  );
  await clock.advance(0);
  const isRefused = ends.map(({ result }) => result !== 'pending');
  expect(isRefused).toEqual([false, true, false, false, true, false, false]);
});

test.each([
  ['none', [], 1],
  ['one', [{ timeout: { ms: 120 } }, { retry: { maxRetries: 3 } }], 4],
  ['two multiply', [{ retry: { maxRetries: 3 } }, { retry: { maxRetries: 2 } }], 12],
  ['no retries', [{ retry: { maxRetries: 0 } }], 1],
])('maxAttempts, retry policies: %s', (_sentence, specs, expected) => {
  expect(maxAttempts(options(Pipeline, specs))).toBe(expected);
});

test('maxAttempts is what a call of the pipeline makes at most', async () => {
  const specs = options(Pipeline, [{ retry: { maxRetries: 3 } }, { retry: { maxRetries: 2 } }]);
  const { clock, surroundings } = rig();
  const request = work();
  const end = watch(pipeline(specs, surroundings)(script())(request, never));
  await clock.run();
  expect(end.result).toBeInstanceOf(Error);
  expect(request.attempts).toBe(maxAttempts(specs));
});

const contradictory = [
  { timeout: { ms: 120 } },
  { retry: { backoff: { kind: 'exponential', baseMs: 50, capMs: 40 } } },
  { breaker: { window: { kind: 'count', size: 5 }, failures: 6 } },
];

test('problems names every contradiction by a pointer from the whole', () => {
  expect(problems(options(Pipeline, contradictory), '/policies')).toEqual([
    { pointer: '/policies/1/retry/backoff/capMs', message: 'expected a number >= baseMs (50), got 40' },
    { pointer: '/policies/2/breaker/failures', message: 'expected a number <= window.size (5), got 6' },
  ]);
});

test('pipeline refuses contradictory specs, all problems at once', () => {
  const build = () => pipeline(options(Pipeline, contradictory), rig().surroundings);
  expect(build).toThrow(InvalidError);
  expect(build).toThrow(/^\/1\/retry\/backoff\/capMs: .*; \/2\/breaker\/failures: /);
});

test.each([
  ['a misspelt policy', [{ retries: {} }], '/0/retries: unknown field, did you mean retry?'],
  ['an unknown policy', [{ prayer: {} }], '/0/prayer: unknown field, expected one of deadline, '],
  ['two in one', [{ timeout: { ms: 1 }, retry: {} }], '/0: expected exactly one of deadline, '],
  ['more than 20', Array(21).fill({ timeout: { ms: 1 } }), 'expected a list of length <= 20, got 21'],
])('Pipeline refuses %s', (_sentence, specs, message) => {
  expect(() => options(Pipeline, specs)).toThrow(message);
});
