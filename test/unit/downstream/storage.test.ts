import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { EffectLog } from '#downstream/effects.ts';
import { StorageError } from '#kit/process/storage.ts';
import { testFolder } from '#test/support/folder.ts';
import { rig } from './rig.ts';

const fixed = { model: { kind: 'fixed', latencyMs: 1 } };

test('a full disk gives an error, and no false ok to a later or simultaneous attempt', async () => {
  const { send, clock, metric, control } = await rig(fixed, '/dev/full');
  for (let attempt = 1; attempt <= 2; attempt++) {
    const responses = await send(['r1', attempt], ['r1', attempt + 2]);
    await clock.run();
    const answers = await Promise.all(responses);
    expect(answers.map((answer) => [answer.statusCode, answer.json().type])).toEqual([
      [507, 'urn:spillway:disk-full'],
      [507, 'urn:spillway:disk-full'],
    ]);
    expect(answers[0]!.json().detail).toBe("the effect log can't be written: no space left on the disk");
  }
  expect((await control.inject('/readyz')).statusCode).toBe(503);
  expect(await metric('spillway_storage_failures_total{reason="disk-full"}')).toBe(4);
  expect(await metric('spillway_attempts_total{result="ok"}')).toBe(0);
  expect(await metric('spillway_attempts_total{result="failed"}')).toBe(4);
  expect(await metric('spillway_effects_total{caller="waiting"}')).toBe(0);
});

test('downstream is ready again as soon as an effect could be written', async () => {
  const { send, clock, control } = await rig(fixed, join(testFolder(), 'effects.ndjson'));
  vi.spyOn(EffectLog.prototype, 'commit').mockImplementationOnce(() => {
    throw new StorageError('disk', 'the effect log is broken');
  });
  const ready = async () => (await control.inject('/readyz')).json();
  await send(['r1']);
  await clock.run();
  expect(await ready()).toMatchObject({ status: 503, detail: 'the effect log is broken' });
  await send(['r1']);
  await clock.run();
  expect(await ready()).toEqual({ status: 'ready' });
});
