import { expect, test } from 'vitest';
import { effectLine } from '#kit/wire.ts';
import { textStore } from '#lab/evidence/text-store.ts';
import { SimulatedEffects } from '#lab/world/simulated/effects.ts';
import { memoryFiles } from '#test/fixtures/memory-files.ts';

const effect = (index: number) => ({ id: `r${index}`, attempt: 1, atMs: 5, gone: false, duplicate: false });

function open(length: number) {
  const effects = new SimulatedEffects(textStore(memoryFiles()).createEffects());
  const all = Array.from({ length }, (_, index) => effect(index));
  for (const each of all) effects.commit(each);
  return { effects, all, text: () => Buffer.concat([...effects.read()]).toString() };
}

test.each([10, 20_000])(
  'SimulatedEffects has %d lines of the log in their order, and their ids',
  (length) => {
    const { effects, all, text } = open(length);
    const expected = all.map((each) => `${effectLine(each)}\n`).join('');
    expect([text(), text()]).toEqual([expected, expected]);
    expect([effects.has(`r${length - 1}`), effects.has(`r${length}`)]).toEqual([true, false]);
  },
);

test('SimulatedEffects.clear forgets lines and ids', () => {
  const { effects, text } = open(20_000);
  effects.clear();
  expect(text()).toBe('');
  effects.commit(effect(7));
  expect(text()).toBe(`${effectLine(effect(7))}\n`);
  expect([effects.has('r1'), effects.has('r7')]).toEqual([false, true]);
});
