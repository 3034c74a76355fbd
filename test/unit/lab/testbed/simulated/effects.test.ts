import { expect, test } from 'vitest';
import { effectLine } from '#kit/wire.ts';
import { SimulatedEffects } from '#lab/testbed/simulated/effects.ts';

const effect = (index: number) => ({ id: `r${index}`, attempt: 1, atMs: 5, gone: false, duplicate: false });

test('SimulatedEffects holds the lines of the log in their order, however many, and knows their ids', () => {
  const effects = new SimulatedEffects();
  const all = Array.from({ length: 2000 }, (_, index) => effect(index));
  for (const each of all) effects.commit(each);
  const pieces = effects.read();
  expect(pieces.length).toBeGreaterThan(1);
  expect(Buffer.concat(pieces).toString()).toBe(all.map((each) => `${effectLine(each)}\n`).join(''));
  expect([effects.has('r1999'), effects.has('r2000')]).toEqual([true, false]);
});

test('SimulatedEffects.clear forgets lines and ids', () => {
  const effects = new SimulatedEffects();
  for (let index = 0; index < 2000; index++) effects.commit(effect(index));
  effects.clear();
  effects.commit(effect(7));
  expect(Buffer.concat(effects.read()).toString()).toBe(`${effectLine(effect(7))}\n`);
  expect([effects.has('r1'), effects.has('r7')]).toEqual([false, true]);
});
