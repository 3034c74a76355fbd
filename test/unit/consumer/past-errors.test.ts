import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { PastErrors } from '#consumer/past-errors.ts';

const none = { firstError: undefined, history: [], attempts: 0 };
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

test('PastErrors forgets the oldest event beyond its bound on texts, and nothing up to it', () => {
  const errors = new PastErrors(6);
  const known = () => ['r1', 'r2', 'r3', 'r4'].filter((id) => errors.after(none, id).firstError);
  const note = (id: string, attempts: number) => errors.note({ id, attempts }, id);
  for (const attempts of [1, 2, 3]) note('r1', attempts); // and its first
  note('r2', 1);
  expect(known()).toEqual(['r1', 'r2']);
  note('r3', 1);
  note('r4', 1);
  expect(known()).toEqual(['r2', 'r3', 'r4']);
  errors.forget('r3');
  errors.forget('r3');
  note('r4', 2);
  expect(known()).toEqual(['r2', 'r4']);
  note('r4', 3);
  note('r4', 4);
  expect(known()).toEqual(['r4']);
});

test('PastErrors keeps the last ten errors with their attempts, each once and short', () => {
  const errors = new PastErrors(11);
  for (let attempts = 1; attempts <= 12; attempts++) {
    const work = { id: 'r1', attempts };
    const error = new Error(String(attempts));
    errors.note(work, error);
    errors.note(work, error); // as it passes the policies
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

test('PastErrors keeps of long errors only these beginnings in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const heldBytes = async () => {
    await new Promise(setImmediate);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const errors = new PastErrors();
  const before = await heldBytes();
  for (let i = 0; i < 100; i++)
    errors.note({ id: `r${i}`, attempts: 1 }, new Error(`${i}${'x'.repeat(200_000)}`));
  expect((await heldBytes()) - before).toBeLessThan(5_000_000);
  expect(errors.after(none, 'r99').history).toHaveLength(1);
});

test('PastErrors puts what was before a redrive first, as far as there is room', () => {
  const errors = new PastErrors();
  const before = { firstError: 'old', history: ['a', 'b'], attempts: 0 };
  expect(errors.after(before, 'r1')).toEqual(before);
  for (let attempts = 1; attempts <= 9; attempts++) errors.note({ id: 'r1', attempts }, `new ${attempts}`);
  const { firstError, history } = errors.after(before, 'r1');
  expect([firstError, history.length, history[0]]).toEqual(['old', 10, 'b']);
  expect(history.at(-1)).toMatch(/attempt 9: new 9$/);
});
