import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { ensureConsumer, ensureStreams, isStreamFull } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { brokerFaults } from '#lab/experiment/faults/broker.ts';
import type { FaultContext, Injection } from '#lab/experiment/faults/injectable.ts';
import { withNats } from '#test/support/nats.ts';

const { 'stream-full': streamFull, 'consumer-deleted': consumerDeleted } = brokerFaults;
const nats = withNats();
const injection = { name: 'x', target: 'nats', forMs: 100, options: {}, config: {} } as Injection<never>;

async function rig(withStreams = true) {
  const broker = await nats.fresh();
  if (withStreams) {
    await ensureStreams(broker, 50);
    await ensureConsumer(broker, 1000);
  }
  const clock = new VirtualClock();
  const manager = await jetstreamManager(broker);
  return {
    clock,
    manager,
    client: jetstream(broker),
    context: { broker, clock } as Partial<FaultContext> as FaultContext,
  };
}

describe('stream-full', () => {
  test('refuses events as a full stream does, keeps its events, and leaves the bound as it was', async () => {
    const { context, client, manager } = await rig();
    const publish = (msgID: string) => client.publish(names.subject, '{}', { msgID });
    await publish('r0');
    const before = await manager.streams.info(names.stream);
    await streamFull.begin(context, injection);
    const refusal = await publish('r1').catch((error) => error);
    expect(isStreamFull(refusal)).toBe(true);
    await streamFull.end(context, injection);
    const after = await manager.streams.info(names.stream);
    expect([after.config, after.state.messages]).toEqual([before.config, 1]);
    expect((await publish('r1')).duplicate).toBe(false);
  });

  test('says that it did not become active where there is no stream', async () => {
    const { context } = await rig(false);
    await expect(streamFull.begin(context, injection)).rejects.toThrow(
      'the fault x did not take: stream not found',
    );
  });
});

describe('consumer-deleted', () => {
  test('deletes the consumer, and has ended once the consumer exists again', async () => {
    const { context, manager, clock } = await rig();
    await consumerDeleted.begin(context, injection);
    await expect(manager.consumers.info(names.stream, names.consumer)).rejects.toThrow('consumer not found');
    const ended = consumerDeleted.end(context, injection);
    await ensureConsumer(context.broker, 1000);
    await clock.advance(20);
    await ended;
  });

  test('says that it did not end if the consumer is not recreated for 10 s', async () => {
    const { context, clock } = await rig();
    await consumerDeleted.begin(context, injection);
    const ended = expect(consumerDeleted.end(context, injection)).rejects.toThrow('the fault x did not end');
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await clock.advance(1000);
      await context.broker.flush();
    }
    expect(clock.now()).toBeGreaterThan(10_000);
  });
});
