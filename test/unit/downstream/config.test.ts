import { expect, test } from 'vitest';
import { kneeInFlight } from '#downstream/config.ts';
import { ModelOptions } from '#downstream/models.ts';
import { parser } from '#kit/schema/parser.ts';
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

test.each([
  ['a tenth of the capacity of congestion', { kind: 'congestion', capacityRps: 400 }, 40],
  ['the servers of a queue', { kind: 'queue', servers: 8 }, 8],
  ['none of a fixed latency', { kind: 'fixed' }, null],
])('kneeInFlight is %s', (_, model, knee) => {
  expect(kneeInFlight({ model: parser(ModelOptions)(model) })).toBe(knee);
});
