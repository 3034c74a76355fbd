import { expect, test } from 'vitest';
import { FirstErrors } from '#consumer/first-errors.ts';

test('FirstErrors keeps the first error of each event until its end', () => {
  const errors = new FirstErrors();
  errors.note('r1', new Error('one'));
  errors.note('r1', new Error('two'));
  errors.note('r2', 'three');
  expect([errors.of('r1'), errors.of('r2'), errors.of('r3')]).toEqual(['Error: one', 'three', undefined]);
  errors.forget('r1');
  expect(errors.of('r1')).toBeUndefined();
  errors.note('r1', 'four');
  expect(errors.of('r1')).toBe('four');
});

test('FirstErrors forgets the oldest beyond its bound, and nothing up to it', () => {
  const errors = new FirstErrors(2);
  for (const id of ['r1', 'r2']) errors.note(id, id);
  expect(errors.of('r1')).toBe('r1');
  errors.note('r3', 'r3');
  expect(['r1', 'r2', 'r3'].map((id) => errors.of(id))).toEqual([undefined, 'r2', 'r3']);
});
