import { expect, test, vi } from 'vitest';
import { withNats } from '#test/support/nats.ts';
import { until } from '#test/support/until.ts';
import { fail, rig } from './rig.ts';

/** The broker takes the acknowledgement, but its answer gets lost. */
vi.mock('#consumer/acknowledge.ts', async (original) => {
  const { acknowledge, Unconfirmed, ...others } = await original<typeof import('#consumer/acknowledge.ts')>();
  return {
    ...others,
    Unconfirmed,
    async acknowledge(...message: Parameters<typeof acknowledge>) {
      await acknowledge(...message);
      throw new Unconfirmed('no answer');
    },
  };
});

const nats = withNats();

test('a dead event whose acknowledgement is not confirmed counts as such, since it may never come again', async () => {
  const { publish, messages, metric } = await rig(nats, { redelivery: { maxRetries: 0 } }, fail);
  await publish('r1');
  await until(async () => (await metric('spillway_deliveries_total{result="unconfirmed"}')) === 1);
  expect([await messages(), await messages('DLQ')]).toEqual([0, 1]);
  expect((await metric('spillway_deliveries_total{result="dead"}')) ?? 0).toBe(0);
});
