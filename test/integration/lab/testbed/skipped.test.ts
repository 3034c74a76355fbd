import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { eventBytesMax, names } from '#kit/broker/broker.ts';
import { systemClock } from '#kit/clock.ts';
import { readDeadLetters } from '#lab/testbed/dead-letters.ts';
import { redrive } from '#lab/testbed/redrive.ts';
import { streams } from '#test/integration/consumer/rig.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();
const fast = { ratePerSecond: 1_000_000, clock: systemClock, signal: new AbortController().signal };

test('redrive skips letters that the work stream would not take, and goes on with those after them', async () => {
  const { broker, messages } = await streams(nats);
  const manager = await jetstreamManager(broker);
  await manager.streams.add({ name: 'OTHER', subjects: ['other.>'] });
  const foreign = ['nobody.listens', 'other.events', '$JS.API.STREAM.DELETE.OTHER', 'work.*', 'no subject'];
  for (const [index, subject] of [names.subject, ...foreign, names.subject].entries()) {
    const headers = natsHeaders();
    headers.set('Spillway-Id', `r${index}`);
    headers.set('Spillway-Subject', subject);
    await jetstream(broker).publish(`dlq.WORK.${index + 1}.1`, '{}', { headers });
  }
  const { redriven, skipped, left, failure } = await redrive(broker, await readDeadLetters(broker), fast);
  expect(redriven.map(({ id }) => id)).toEqual(['r0', 'r6']);
  expect(skipped.map(({ letter }) => letter.subject)).toEqual(foreign);
  expect(skipped[0]?.reason).toContain('nobody.listens');
  expect(skipped[1]?.reason).toContain('OTHER');
  expect([left, failure]).toEqual([[], undefined]);
  expect([await messages(), await messages('DLQ'), await messages('OTHER')]).toEqual([2, 5, 0]);
  await manager.streams.delete('OTHER');
});

test('redrive skips letters that are too large for the work stream, or the broker, with their headers', async () => {
  const { broker, messages } = await streams(nats);
  for (const [index, bytes] of [eventBytesMax, 1024 * 1024, 2].entries())
    await jetstream(broker).publish(`dlq.WORK.${index + 1}.1`, Buffer.alloc(bytes, ' '));
  const { redriven, skipped, left, failure } = await redrive(broker, await readDeadLetters(broker), fast);
  expect(redriven.map(({ id }) => id)).toEqual(['letter#3']);
  const reason = 'with its headers it is larger than the 524288 bytes that WORK takes';
  expect(skipped).toMatchObject(['letter#1', 'letter#2'].map((id) => ({ letter: { id }, reason })));
  expect([left, failure]).toEqual([[], undefined]);
  expect([await messages(), await messages('DLQ')]).toEqual([1, 2]);
});
