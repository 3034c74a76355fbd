import { expect, test } from 'vitest';
import { PastErrors } from '#consumer/past-errors.ts';

const none = { firstError: undefined, history: [] };
/** Without the times. */
const history = (errors: PastErrors, id: string) =>
  errors.after(none, id).history.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, /, ''));

test('PastErrors keeps the first error of each event until its end', () => {
  const errors = new PastErrors();
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

test('PastErrors forgets the oldest beyond its bound, and nothing up to it', () => {
  const errors = new PastErrors(2);
  const first = (id: string) => errors.after(none, id).firstError;
  for (const id of ['r1', 'r2']) errors.note({ id, attempts: 1 }, id);
  expect(first('r1')).toBe('r1');
  errors.note({ id: 'r3', attempts: 1 }, 'r3');
  expect(['r1', 'r2', 'r3'].map(first)).toEqual([undefined, 'r2', 'r3']);
});

test('PastErrors keeps the last ten errors with their attempts, each once and short', () => {
  const errors = new PastErrors();
  for (let attempts = 1; attempts <= 11; attempts++) {
    const error = new Error(String(attempts));
    errors.note({ id: 'r1', attempts }, error);
    errors.note({ id: 'r1', attempts }, error); // as it passes the policies
  }
  const numbers = Array.from({ length: 10 }, (_, i) => i + 2);
  expect(history(errors, 'r1')).toEqual(numbers.map((n) => `attempt ${n}: Error: ${n}`));
  errors.note({ id: 'r2', attempts: 1 }, 'x'.repeat(10_000));
  expect(errors.after(none, 'r2').history.map(({ length }) => length)).toEqual([200]);
});

test('PastErrors puts what was before a redrive first, as far as there is room', () => {
  const errors = new PastErrors();
  const before = { firstError: 'old', history: ['a', 'b'] };
  expect(errors.after(before, 'r1')).toEqual(before);
  for (let attempts = 1; attempts <= 9; attempts++) errors.note({ id: 'r1', attempts }, `new ${attempts}`);
  const { firstError, history } = errors.after(before, 'r1');
  expect([firstError, history.length, history[0]]).toEqual(['old', 10, 'b']);
  expect(history.at(-1)).toMatch(/attempt 9: new 9$/);
});
