import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { effectRoutes } from '#downstream/effects.ts';
import { Numbering } from '#downstream/numbering.ts';
import { rig } from './rig.ts';

test('GET /attempts says first that ids were forgotten', async () => {
  const { effects } = await rig();
  const app = fastify();
  onTestFinished(() => app.close());
  const numbering = new Numbering(2);
  effectRoutes(app, effects, numbering);
  const lines = async () => (await app.inject('/attempts')).body.trimEnd().split('\n');
  for (const id of ['a', 'b', 'c']) numbering.next(id, undefined);
  const counts = ['a', 'b', 'c'].map((id) => `{"id":"${id}","attempts":1}`);
  expect(await lines()).toEqual(counts);
  numbering.next('d', undefined);
  expect(await lines()).toEqual(['{"forgotten":true}', counts[2], '{"id":"d","attempts":1}']);
});
