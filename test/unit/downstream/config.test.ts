import { expect, test } from 'vitest';
import { rig } from './rig.ts';

test.each([
  [
    'what contradicts the model, beside what the schema refuses',
    { seed: 'x', model: { kind: 'queue' }, deadlines: 'stop', abandonOnAbort: true },
    ['/seed', '/deadlines', '/abandonOnAbort'],
  ],
  ['no contradiction with a model that is none', { model: 'queue', deadlines: 'stop' }, ['/model']],
  ['no contradiction of what is refused', { model: { kind: 'queue' }, deadlines: 'never' }, ['/deadlines']],
])('a refused configuration names %s', async (_sentence, wrong, pointers) => {
  const { put } = await rig();
  const { problems } = (await put(wrong)).json();
  expect(problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
});
