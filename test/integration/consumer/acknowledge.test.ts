import { expect, test } from 'vitest';
import { acknowledge } from '#consumer/acknowledge.ts';
import { withNats } from '#test/support/nats.ts';
import { streams } from './rig.ts';

const nats = withNats();

test('a message whose acknowledgement the broker does not confirm can still be given back', async () => {
  const { broker, publish, deliveries } = await streams(nats);
  await publish('r1');
  const [message] = await deliveries(1);
  const deaf = { request: () => Promise.reject(new Error('no answer')) } as unknown as typeof broker;
  await expect(acknowledge(deaf, message!)).rejects.toThrow('no answer');
  message!.nak();
  const [again] = await deliveries(1);
  expect(again?.info.deliveryCount).toBe(2);
  await acknowledge(broker, again!);
});

test('a message that is acknowledged is no longer in the stream', async () => {
  const { broker, publish, deliveries, messages } = await streams(nats);
  await publish('r1');
  const [message] = await deliveries(1);
  await acknowledge(broker, message!);
  expect(await messages()).toBe(0);
});
