import { expect, onTestFinished, test, vi } from 'vitest';
import * as acknowledging from '#consumer/acknowledge.ts';
import { withNats } from '#test/support/nats.ts';
import { until } from '#test/support/until.ts';
import { fail, rig } from './rig.ts';

const nats = withNats();

/** Loses the broker's confirmation of the acknowledgements that it receives. */
function loseConfirmations(): void {
  const { acknowledge, Unconfirmed } = acknowledging;
  const spy = vi.spyOn(acknowledging, 'acknowledge').mockImplementation(async (...message) => {
    await acknowledge(...message);
    throw new Unconfirmed('no answer');
  });
  onTestFinished(() => spy.mockRestore());
}

test('a dead event whose acknowledgement is not confirmed counts as such, since it may never come again', async () => {
  loseConfirmations();
  const { publish, messages, metric } = await rig(nats, { redelivery: { maxRetries: 0 } }, fail);
  await publish('r1');
  await until(async () => (await metric('spillway_deliveries_total{result="unconfirmed"}')) === 1);
  expect([await messages(), await messages('DLQ')]).toEqual([0, 1]);
  expect((await metric('spillway_deliveries_total{result="dead"}')) ?? 0).toBe(0);
});
