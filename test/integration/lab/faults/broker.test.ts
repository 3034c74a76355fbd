import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { ensureConsumer, ensureStreams, isStreamFull, names } from '#kit/broker/broker.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { brokerFaults } from '#lab/faults/broker.ts';
import type { Hands, Harm } from '#lab/faults/kind.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();
const harm = { name: 'x', target: 'nats', forMs: 100, options: {}, config: {} } as Harm<never>;

async function rig(withStreams = true) {
  const broker = await nats.fresh();
  if (withStreams) {
    await ensureStreams(broker, 50);
    await ensureConsumer(broker, 1000);
  }
  const clock = new VirtualClock();
  const manager = await jetstreamManager(broker);
  return { clock, manager, client: jetstream(broker), hands: { broker, clock } as Partial<Hands> as Hands };
}

describe('stream-full', () => {
  const fault = brokerFaults['stream-full'];

  test('refuses what is published as a full stream does, keeps what it holds, and leaves its bound as it was', async () => {
    const { hands, client, manager } = await rig();
    const publish = (msgID: string) => client.publish(names.subject, '{}', { msgID });
    await publish('r0');
    const before = await manager.streams.info(names.stream);
    await fault.begin(hands, harm);
    const refusal = await publish('r1').catch((error) => error);
    expect(isStreamFull(refusal)).toBe(true);
    await fault.end(hands, harm);
    const after = await manager.streams.info(names.stream);
    expect([after.config, after.state.messages]).toEqual([before.config, 1]);
    expect((await publish('r1')).duplicate).toBe(false);
  });

  test('says that it did not take where there is no stream', async () => {
    const { hands } = await rig(false);
    await expect(fault.begin(hands, harm)).rejects.toThrow('the fault x did not take: stream not found');
  });
});

describe('consumer-deleted', () => {
  const fault = brokerFaults['consumer-deleted'];

  test('deletes the consumer, and has ended once it is there again', async () => {
    const { hands, manager, clock } = await rig();
    await fault.begin(hands, harm);
    await expect(manager.consumers.info(names.stream, names.consumer)).rejects.toThrow('consumer not found');
    const ended = fault.end(hands, harm);
    await ensureConsumer(hands.broker, 1000);
    await clock.advance(20);
    await ended;
  });

  test('says that it did not end where nobody makes the consumer anew for 10 s', async () => {
    const { hands, clock } = await rig();
    await fault.begin(hands, harm);
    const ended = expect(fault.end(hands, harm)).rejects.toThrow('the fault x did not end');
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await clock.advance(1000);
      await hands.broker.flush();
    }
    expect(clock.now()).toBeGreaterThan(10_000);
  });
});
