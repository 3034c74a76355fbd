import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { dropSkipping } from '#consumer/skipped.ts';
import { names } from '#kit/broker/names.ts';
import { systemClock } from '#kit/clock.ts';
import { withNats } from '#test/support/nats.ts';
import { done, type Received } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { fail, ids, rig, streams } from './rig.ts';

const nats = withNats();

/** Kills the broker and deletes its message files, as if it crashed between two of them. */
async function crash(): Promise<void> {
  await nats.kill();
  const folder = join(nats.streamsFolder, names.stream, 'msgs');
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  await nats.restart();
}

/** Short, since a killed broker may forget the last acknowledgements and then waits for them again. */
const shortWait = { ackWaitMs: 1000 };

/** Answers 500 for one event. */
const doneBut = (id: string) => (received: Received) =>
  received.id === id ? fail(received) : done(received);

test('what is published to a broker that forgot in a crash how far the stream had come is done, too', async () => {
  const options = { ...shortWait, redelivery: { maxRetries: 0 } };
  const { publish, finished, messages, news, reconnected } = await rig(nats, options, doneBut('r4'));
  for (const id of ids(20)) await publish(id); // one by one, so that the sequences follow the ids
  await finished(20);
  expect(news).toContainEqual({ id: 'r4', outcome: 'dead', attempts: 1 });
  await until(async () => (await messages()) === 0);
  await crash();
  await reconnected();
  // The fifth new event gets the sequence of the existing dead letter.
  for (const id of ids(30).slice(20)) await publish(id);
  await finished(30);
  expect(new Set(news.map(({ id }) => id)).size).toBe(30);
  expect(news.filter(({ outcome }) => outcome === 'dead')).toHaveLength(1);
  await until(async () => (await messages()) === 0);
});

test('what is published and acknowledged meanwhile is not taken for skipped', async () => {
  const { broker, publish, messages } = await streams(nats);
  const source = await jetstream(broker).consumers.get(names.stream, names.consumer);
  const acknowledging = await source.consume({ callback: (message) => message.ack() });
  const over = new AbortController();
  let published = 0;
  const publishing = Array.from({ length: 8 }, async () => {
    while (!over.signal.aborted) await publish(...Array.from({ length: 10 }, () => `r${published++}`));
  });
  const other = await nats.connect(); // separate, so that its answers don't queue behind the publishers'
  const hasty = { ...systemClock, after: (_ms: number, then: () => void) => systemClock.after(0, then) };
  for (let times = 0; times < 100; times++) expect(await dropSkipping(other, hasty)).toBe(false);
  over.abort();
  await Promise.all(publishing);
  await until(async () => (await messages()) === 0);
  await acknowledging.close();
});
