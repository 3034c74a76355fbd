import { expect, test } from 'vitest';
import { tickBatch } from '#kit/broker/tick-batch.ts';

test('turns gives everybody who asks within one turn the same end of it, and whoever asks later another', async () => {
  const nextTurn = tickBatch();
  const log: string[] = [];
  const ask = (name: string) => nextTurn().then(() => log.push(name));
  const first = ask('a');
  await Promise.resolve(); // later in the same turn
  const second = ask('b');
  expect(nextTurn()).toBe(nextTurn());
  setImmediate(() => log.push('the turn is over'));
  await Promise.all([first, second]);
  expect(log).toEqual(['a', 'b']);
  await ask('c');
  expect(log).toEqual(['a', 'b', 'the turn is over', 'c']);
});
