import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { intakeOf } from '#consumer/intake.ts';
import { HandlerSlots } from '#consumer/slots.ts';
import { readBacklog } from '#kit/broker/backlog.ts';
import type { Delivered } from '#kit/broker/client.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, systemClock } from '#kit/clock.ts';
import { reconnected, withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { rig as consumerRig, ids, streams } from './rig.ts';

const nats = withNats();

const giveBack = (message: Delivered) => message.nak();

/** An intake whose handlers run until the test ends them. */
function rig(ahead: Parameters<typeof intakeOf>[0], clock: Clock = systemClock) {
  const handled: Delivered[] = [];
  const ends: (() => void)[] = [];
  const reports: (string | undefined)[] = [];
  const handle = async (message: Delivered) => {
    handled.push(message);
    await new Promise<void>((resolve) => ends.push(resolve));
    message.ack();
  };
  const report = (error: unknown) => void reports.push(error === undefined ? undefined : String(error));
  const handlerSlots = new HandlerSlots();
  const intake = intakeOf(ahead, { handlerSlots, handle, report, giveBack, clock });
  return { intake, handlerSlots, handle, report, handled, ends, reports };
}

test('intakeOf hands over as many messages as there are slots, and the next one when a slot is free', async () => {
  const { broker, publish } = await streams(nats);
  await publish(...ids(20));
  const { intake, handled, ends } = rig({ concurrency: 3 });
  intake.start(broker, 30_000);
  for (let i = 0; i < 20; i++) {
    await until(() => handled.length === Math.min(20, i + 3));
    await broker.flush(); // further messages would have arrived by now
    expect(handled.length).toBe(Math.min(20, i + 3));
    ends[i]!();
  }
  await intake.stop();
  expect(handled.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

describe('Intake.stop', () => {
  test('gives back what is buffered, and it comes again at once', async () => {
    const { broker, publish, deliveries } = await streams(nats);
    await publish(...ids(10));
    const { intake, handled, ends } = rig({ concurrency: 4 });
    intake.start(broker, 30_000);
    await until(() => handled.length === 4);
    await until(async () => (await readBacklog(broker)).ackPending > 4);
    const stop = intake.stop();
    for (const end of ends) end();
    await stop;
    const rest = await deliveries(6);
    expect(rest.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(Math.max(...rest.map(({ info }) => info.deliveryCount))).toBe(2);
  });

  test('in the middle of a stream of messages strands none, whatever is on its way', async () => {
    const { broker, publish, deliveries } = await streams(nats);
    let published = 0;
    let acknowledged = 0;
    for (let round = 0; round < 10; round++) {
      const handle = async (message: Delivered) => {
        await new Promise(setImmediate);
        message.ack();
        acknowledged += 1;
      };
      const handlerSlots = new HandlerSlots();
      const parts = { handlerSlots, handle, report: () => undefined, giveBack, clock: systemClock };
      const intake = intakeOf({ concurrency: 16 }, parts);
      let more = true;
      const publishing = Array.from({ length: round % 2 === 0 ? 8 : 1 }, async () => {
        while (more) await publish(`r${published++}`);
      });
      const target = acknowledged + 100;
      intake.start(broker, 30_000);
      await until(() => acknowledged >= target);
      await intake.stop();
      more = false;
      await Promise.all(publishing);
    }
    await broker.flush();
    const rest = await deliveries(published - acknowledged);
    expect(rest).toHaveLength(published - acknowledged);
  });
});

test('intakeOf shares the slots with the one before, whose handlers keep theirs', async () => {
  const { broker, publish } = await streams(nats);
  await publish(...ids(10));
  const { intake, handlerSlots, handle, report, handled, ends } = rig({ concurrency: 4 });
  intake.start(broker, 30_000);
  await until(() => handled.length === 4);
  await intake.stop();
  const next = intakeOf({ concurrency: 3 }, { handlerSlots, handle, report, giveBack, clock: systemClock });
  next.start(broker, 30_000);
  await until(async () => (await readBacklog(broker)).ackPending > 4); // the new intake has fetched ahead
  ends[0]!();
  await broker.flush(); // further messages would have arrived by now
  expect(handled).toHaveLength(4);
  ends[1]!();
  await until(() => handled.length === 5);
  await next.stop();
});

test('intakeOf goes on when the broker has been away', async () => {
  const { broker, publish } = await streams(nats);
  const { intake, handled, ends } = rig({ concurrency: 4 });
  intake.start(broker, 30_000);
  await publish('r1');
  await until(() => handled.length === 1);
  await nats.kill();
  await nats.restart();
  await reconnected(broker);
  await publish('r2');
  await until(() => handled.some((message) => JSON.parse(message.string()).id === 'r2'));
  for (const end of ends) end();
  await intake.stop();
});

test("consumer recreates the stream's consumer when it is deleted, with its ack wait", async () => {
  const { broker, publish, finished, unready, ackWaitMs } = await consumerRig(
    nats,
    { ackWaitMs: 5000 },
    done,
  );
  await publish('r0');
  await finished(1);
  const { consumers } = await jetstreamManager(broker);
  await consumers.delete(names.stream, names.consumer);
  await publish(...ids(20).slice(1));
  await finished(20);
  expect([await unready(), await ackWaitMs()]).toEqual([undefined, 5000]);
});
