import { expect, onTestFinished, test } from 'vitest';
import { effectLine } from '#kit/wire.ts';
import { storeIn } from '#lab/evidence/folder.ts';
import { SimulatedEffects } from '#lab/world/simulated/effects.ts';
import { testFolder } from '#test/support/folder.ts';

const effect = (index: number) => ({ id: `r${index}`, attempt: 1, atMs: 5, gone: false, duplicate: false });

function open() {
  const folder = testFolder();
  const effects = new SimulatedEffects(storeIn(folder).createEffects('downstream'));
  onTestFinished(() => effects.close());
  return { effects, folder, text: () => Array.from(effects.read(), String).join('') };
}

test.each([
  ['few', 10],
  ['more than stay in memory', 20_000],
])('SimulatedEffects holds the lines of the log in their order, and knows their ids: %s', (_name, length) => {
  const { effects, text } = open();
  const all = Array.from({ length }, (_, index) => effect(index));
  for (const each of all) effects.commit(each);
  const expected = all.map((each) => `${effectLine(each)}\n`).join('');
  expect([text(), text()]).toEqual([expected, expected]);
  expect([effects.has(`r${length - 1}`), effects.has(`r${length}`)]).toEqual([true, false]);
});

test('SimulatedEffects.clear forgets lines and ids', () => {
  const { effects, text } = open();
  const all = Array.from({ length: 20_000 }, (_, index) => effect(index));
  for (const each of all) effects.commit(each);
  effects.clear();
  expect(text()).toBe('');
  effects.commit(effect(7));
  expect(text()).toBe(`${effectLine(effect(7))}\n`);
  expect([effects.has('r1'), effects.has('r7')]).toEqual([false, true]);
});
