import type { JetStreamManager } from '@nats-io/jetstream';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { brokerFault } from './broker-fault.ts';

export const consumerDeleted = brokerFault({
  description:
    "The stream's consumer is deleted once. The consumer process must have created it again by the end.",
  state: 'without its consumer',
  returns: true,
  needs: ['consumer', 'consumer->nats'],
  begin: ({ consumers }) => consumers.delete(names.stream, names.consumer),
  end: isBack,
});

const backWithinMs = 10_000;

async function isBack({ consumers }: JetStreamManager, clock: Clock): Promise<boolean> {
  const giveUpAtMs = clock.now() + backWithinMs;
  for (;;) {
    const found = consumers.info(names.stream, names.consumer).then(
      () => true,
      () => false,
    );
    if (await found) return true;
    if (clock.now() > giveUpAtMs) return false;
    await sleep(20, clock);
  }
}
