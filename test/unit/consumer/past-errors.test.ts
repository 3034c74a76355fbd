import { expect, test } from 'vitest';
import { PastErrors } from '#consumer/past-errors.ts';
import { systemClock } from '#kit/clock.ts';
import { Rejected } from '#policies/policy.ts';

const none = { firstError: undefined, history: [], attempts: 0 };
/** Returns the error history of an event, without timestamps. */
const history = (errors: PastErrors, id: string) =>
  errors.after(none, id).history.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, /, ''));

test('PastErrors keeps the first error of each event until its end', () => {
  const errors = new PastErrors(systemClock);
  const first = (id: string) => errors.after(none, id).firstError;
  errors.note({ id: 'r1', attempts: 1 }, new Error('one'));
  errors.note({ id: 'r1', attempts: 2 }, new Error('two'));
  errors.note({ id: 'r2', attempts: 1 }, 'three');
  expect([first('r1'), first('r2'), first('r3')]).toEqual(['Error: one', 'three', undefined]);
  errors.forget('r1');
  expect(first('r1')).toBeUndefined();
  errors.note({ id: 'r1', attempts: 3 }, 'four');
  expect(first('r1')).toBe('four');
});

test('PastErrors forgets the oldest event beyond its bound on texts, and nothing up to it', () => {
  const errors = new PastErrors(systemClock, 9);
  const known = () => ['r1', 'r2', 'r3', 'r4'].filter((id) => errors.after(none, id).firstError);
  const note = (id: string, attempts: number) => errors.note({ id, attempts }, id);
  for (const attempts of [1, 2, 3]) note('r1', attempts); // 5 texts: first and last error, and a history of 3
  note('r2', 1);
  expect(known()).toEqual(['r1', 'r2']);
  note('r3', 1);
  note('r4', 1);
  expect(known()).toEqual(['r2', 'r3', 'r4']);
  errors.forget('r3');
  errors.forget('r3');
  note('r4', 2);
  expect(known()).toEqual(['r2', 'r4']);
  for (const attempts of [3, 4, 5]) note('r4', attempts);
  expect(known()).toEqual(['r4']);
});

test('PastErrors keeps the last ten errors with their attempts, each once and short', () => {
  const errors = new PastErrors(systemClock, 12);
  for (let attempts = 1; attempts <= 12; attempts++) {
    const work = { id: 'r1', attempts };
    const error = new Error(String(attempts));
    errors.note(work, error);
    errors.note(work, error); // again, as several policies do that the error passes
  }
  const numbers = Array.from({ length: 10 }, (_, i) => i + 3);
  expect(history(errors, 'r1')).toEqual(numbers.map((n) => `attempt ${n}: Error: ${n}`));
  errors.note({ id: 'r2', attempts: 1 }, 'x'.repeat(10_000));
  const {
    firstError,
    history: [entry],
  } = errors.after(none, 'r2');
  expect([firstError?.length, entry?.length]).toEqual([500, 200]);
});

test('PastErrors puts errors from before a redrive first, as far as there is room', () => {
  const errors = new PastErrors(systemClock);
  const before = { firstError: 'old', history: ['a', 'b'], attempts: 2 };
  expect(errors.after(before, 'r1')).toEqual(before);
  for (let attempts = 1; attempts <= 9; attempts++) errors.note({ id: 'r1', attempts }, `new ${attempts}`);
  const { firstError, history } = errors.after(before, 'r1');
  expect([firstError, history.length, history[0]]).toEqual(['old', 10, 'b']);
  expect(history.at(-1)).toMatch(/attempt 9: new 9$/);
});

const refusal = new Rejected('breaker', 'the breaker is open');

test('PastErrors keeps refusals only until the first attempt fails', () => {
  const errors = new PastErrors(systemClock);
  const work = { id: 'r1', attempts: 0 };
  const after = () => errors.after(none, 'r1');
  const note = (error: Error, isTried: boolean) => errors.note(work, error, isTried);
  note(refusal, false);
  expect([after().firstError, history(errors, 'r1').length, after().last]).toEqual([
    'Rejected: the breaker is open',
    1,
    undefined,
  ]);
  work.attempts = 1;
  note(new Error('one'), true);
  for (let asks = 0; asks < 20; asks++) note(new Rejected('breaker', 'still open'), false);
  expect([after().firstError, history(errors, 'r1'), after().last]).toEqual([
    'Error: one',
    ['attempt 1: Error: one'],
    { reason: 'failed', error: 'Error: one' },
  ]);
});
