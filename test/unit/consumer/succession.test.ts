import { expect, test } from 'vitest';
import { type GoOn, Succession } from '#consumer/handler.ts';

const goOn: GoOn = async () => 'ok';

test('Succession.next resolves with the way to go on when the next configuration begins', async () => {
  const succession = new Succession();
  succession.begin(async () => 'another');
  const next = succession.next();
  succession.begin(goOn);
  expect(await next).toBe(goOn);
});

test('Succession.next resolves with undefined at once while nothing goes on', async () => {
  const succession = new Succession();
  const waiting = succession.next();
  succession.begin(undefined);
  expect(await Promise.all([waiting, succession.next()])).toEqual([undefined, undefined]);
  succession.begin(goOn);
  const next = succession.next();
  succession.begin(goOn);
  expect(await next).toBe(goOn);
});
