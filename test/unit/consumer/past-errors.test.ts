import { expect, test } from 'vitest';
import { PastErrors } from '#consumer/past-errors.ts';
import { Rejected } from '#policies/policy.ts';

const none = { firstError: undefined, attempts: 0 };

test('PastErrors keeps the first error of each event until its end', () => {
  const errors = new PastErrors();
  const first = (id: string) => errors.after(none, id).firstError;
  errors.note({ id: 'r1' }, new Error('one'));
  errors.note({ id: 'r1' }, new Error('two'));
  errors.note({ id: 'r2' }, 'three');
  expect([first('r1'), first('r2'), first('r3')]).toEqual(['Error: one', 'three', undefined]);
  errors.forget('r1');
  expect(first('r1')).toBeUndefined();
  errors.note({ id: 'r1' }, 'four');
  expect(first('r1')).toBe('four');
});

test('PastErrors forgets the oldest event beyond its bound, and nothing up to it', () => {
  const errors = new PastErrors(2);
  const known = () => ['r1', 'r2', 'r3'].filter((id) => errors.after(none, id).firstError);
  for (const id of ['r1', 'r2', 'r1']) errors.note({ id }, id);
  expect(known()).toEqual(['r1', 'r2']);
  errors.note({ id: 'r3' }, 'r3');
  expect(known()).toEqual(['r2', 'r3']);
});

test('PastErrors keeps the last error, and cuts long ones', () => {
  const errors = new PastErrors();
  errors.note({ id: 'r1' }, 'x'.repeat(10_000));
  errors.note({ id: 'r1' }, 'y'.repeat(10_000));
  const { firstError, last } = errors.after(none, 'r1');
  expect([firstError, last?.error]).toEqual(['x'.repeat(500), 'y'.repeat(500)]);
});

test('PastErrors prefers the first error from before a redrive', () => {
  const errors = new PastErrors();
  const before = { firstError: 'old', attempts: 2 };
  expect(errors.after(before, 'r1')).toEqual(before);
  errors.note({ id: 'r1' }, 'new');
  expect(errors.after(before, 'r1').firstError).toBe('old');
});

test('PastErrors keeps a refusal only if it is the first error', () => {
  const errors = new PastErrors();
  const refusal = new Rejected('breaker', 'the breaker is open');
  errors.note({ id: 'r1' }, refusal, false);
  expect(errors.after(none, 'r1').last).toBeUndefined();
  errors.note({ id: 'r1' }, new Error('one'));
  errors.note({ id: 'r1' }, refusal, false);
  expect(errors.after(none, 'r1')).toMatchObject({
    firstError: 'Rejected: the breaker is open',
    last: { reason: 'failed', error: 'Error: one' },
  });
});
