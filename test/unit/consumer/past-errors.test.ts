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

test('PastErrors forgets the oldest event beyond its bound, and nothing up to it', () => {
  const errors = new PastErrors(systemClock, 2);
  const known = () => ['r1', 'r2', 'r3'].filter((id) => errors.after(none, id).firstError);
  const note = (id: string) => errors.note({ id, attempts: 1 }, id);
  for (const id of ['r1', 'r2', 'r1']) note(id);
  expect(known()).toEqual(['r1', 'r2']);
  note('r3');
  expect(known()).toEqual(['r2', 'r3']);
});

test('PastErrors keeps the last ten errors with their attempts, each short', () => {
  const errors = new PastErrors(systemClock);
  for (let attempts = 1; attempts <= 12; attempts++) {
    errors.note({ id: 'r1', attempts }, new Error(String(attempts)));
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

test('PastErrors keeps a refusal only if it is the first error', () => {
  const errors = new PastErrors(systemClock);
  const work = { id: 'r1', attempts: 0 };
  const after = () => errors.after(none, 'r1');
  for (let asks = 0; asks < 20; asks++) errors.note(work, refusal, false);
  expect([history(errors, 'r1').length, after().last]).toEqual([1, undefined]);
  work.attempts = 1;
  errors.note(work, new Error('one'));
  errors.note(work, refusal, false);
  expect([after().firstError, history(errors, 'r1').slice(1), after().last]).toEqual([
    'Rejected: the breaker is open',
    ['attempt 1: Error: one'],
    { reason: 'failed', error: 'Error: one' },
  ]);
});
