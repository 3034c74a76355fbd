import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect, test, vi } from 'vitest';
import { ensureStreams, names } from '#kit/broker/broker.ts';
import { eachMessage } from '#lab/testbed/broker/each-message.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();

/** A work stream with so many messages, and all sequences that are read of it. */
async function stream(count: number) {
  const broker = await nats.fresh();
  await ensureStreams(broker);
  const client = jetstream(broker);
  await Promise.all(Array.from({ length: count }, () => client.publish(names.subject, '{}')));
  const manager = await jetstreamManager(broker, { checkAPI: false });
  const read = async () => {
    const sequences: number[] = [];
    await eachMessage(manager, names.stream, ({ seq }) => void sequences.push(seq));
    return sequences.toSorted((a, b) => a - b);
  };
  return { broker, manager, read };
}

/** How often the broker is asked, and how often at the same time at most. */
function asked(broker: NatsConnection) {
  const seen = { total: 0, underWay: 0, most: 0 };
  const request = broker.request.bind(broker);
  vi.spyOn(broker, 'request').mockImplementation((...args) => {
    seen.total += 1;
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    return request(...args).finally(() => {
      seen.underWay -= 1;
    });
  });
  return seen;
}

test('eachMessage takes each once', async () => {
  const { read } = await stream(300);
  expect(await read()).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
});

test('eachMessage takes none of a stream that is empty', async () => {
  const { read } = await stream(0);
  expect(await read()).toEqual([]);
});

test('eachMessage asks for what is there and not for what is gone', async () => {
  const { broker, manager, read } = await stream(1000);
  for (let seq = 2; seq < 1000; seq++) await manager.streams.deleteMessage(names.stream, seq, false);
  const seen = asked(broker);
  expect(await read()).toEqual([1, 1000]);
  expect(seen.total).toBeLessThan(100);
});

test('eachMessage asks for many at a time, but not for all', async () => {
  const { broker, read } = await stream(500);
  const seen = asked(broker);
  await read();
  expect(seen.most).toBeGreaterThan(8);
  expect(seen.most).toBeLessThanOrEqual(64);
});
