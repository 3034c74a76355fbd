import { expect, test } from 'vitest';
import { ExpectedError } from '#kit/expected-error.ts';

class Refused extends ExpectedError {
  override readonly name = 'Refused';
}

test('ExpectedError has a message and a cause but no stack, and leaves the stacks of other errors alone', () => {
  const cause = new Error('why');
  const error = new Refused('no', { cause });
  expect([error.name, error.message, error.cause]).toEqual(['Refused', 'no', cause]);
  expect(error).toBeInstanceOf(Error);
  expect(error.stack).toBe('Refused: no');
  expect(new Error('other').stack).toContain('expected-error.test.ts');
});
