import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { describe, expect, test, vi } from 'vitest';
import { ensureStreams } from '#kit/broker/broker.ts';
import { eventBytesMax, names } from '#kit/broker/names.ts';
import type { NatsBroker } from '#kit/broker/nats.ts';
import { systemClock } from '#kit/clock.ts';
import { purge, readDeadLetters } from '#lab/world/dead-letters.ts';
import { redrive } from '#lab/world/redrive.ts';
import { fail, ids, rig, streams } from '#test/integration/consumer/rig.ts';
import { withNats } from '#test/support/nats.ts';
import { done, type Received } from '#test/support/stub-downstream.ts';

const nats = withNats();
const fast = { ratePerSecond: 1_000_000, clock: systemClock, signal: new AbortController().signal };

/** Creates `count` dead letters and pauses the consumer. Downstream has recovered, so that redriven events complete. */
async function dead(count: number) {
  const downstream = { answer: fail as (received: Received) => void };
  const config = { redelivery: { maxRetries: 0 } };
  const it = await rig(nats, config, (received) => downstream.answer(received));
  await it.publish(...ids(count));
  await it.finished(count);
  const configure = (paused: boolean, maxRetries = 0) =>
    it.control.inject({ method: 'PUT', url: '/config', payload: { redelivery: { maxRetries }, paused } });
  await configure(true);
  downstream.answer = done;
  it.stub.received.length = 0;
  it.news.length = 0;
  const letters = await readDeadLetters(it.broker);
  expect(letters).toHaveLength(count);
  return { ...it, downstream, letters, resume: (maxRetries?: number) => configure(false, maxRetries) };
}

/** Connects to the broker. The deletion of a dead letter fails, as if the redriving process was killed before it. */
async function killed(): Promise<NatsBroker> {
  const connection = await nats.connect();
  const request = connection.request.bind(connection);
  vi.spyOn(connection, 'request').mockImplementation((subject, ...rest) =>
    subject.includes('STREAM.MSG.DELETE') ? Promise.reject(new Error('killed')) : request(subject, ...rest),
  );
  return connection;
}

describe('redrive', () => {
  test('sends each event to its subject; it completes, and its attempts are counted on', async () => {
    const { broker, letters, messages, resume, finished, news, stub } = await dead(3);
    const result = await redrive(broker, letters, fast);
    const nothing = { repeated: [], gone: [], skipped: [], left: [], failure: undefined };
    expect(result).toEqual({ redriven: letters, ...nothing });
    expect([await messages(), await messages('DLQ')]).toEqual([3, 0]);
    await resume();
    await finished(3);
    expect(stub.received.map(({ attempt }) => attempt)).toEqual([2, 2, 2]);
    expect(news.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
      ids(3).map((id) => ({ id, outcome: 'ok', attempts: 2 })),
    );
  });

  test('of an event that fails again leaves a dead letter with the first error of all', async () => {
    const { broker, letters, resume, finished, downstream } = await dead(1);
    await redrive(broker, letters, fast);
    downstream.answer = ({ response }) => void response.writeHead(418).end();
    await resume();
    await finished(1);
    const [again] = await readDeadLetters(broker);
    const { id, publishedAt, firstError } = letters[0]!;
    expect(again).toMatchObject({ id, publishedAt, firstError, attempts: 2, redrives: 1 });
    expect(again!.lastError).toContain('418');
  });
});

describe('redrive sends a dead letter once,', () => {
  test('also if several redrives run at once, and their counts together are right', async () => {
    const { broker, letters, messages } = await dead(50);
    const results = await Promise.all(
      [broker, await nats.connect(), await nats.connect()].map((one) => redrive(one, letters, fast)),
    );
    expect(results.flatMap(({ redriven }) => redriven.map(({ id }) => id)).toSorted()).toEqual(
      ids(50).toSorted(),
    );
    expect(results.map(({ left, failure }) => [left, failure])).toEqual(Array(3).fill([[], undefined]));
    expect([await messages(), await messages('DLQ')]).toEqual([50, 0]);
  });

  test('also after a redrive that was killed before it deleted the dead letter', async () => {
    const { broker, letters, messages } = await dead(2);
    const { redriven, left, failure } = await redrive(await killed(), letters, fast);
    expect([redriven, left, failure]).toEqual([[], letters, 'r0: killed']);
    expect([await messages(), await messages('DLQ')]).toEqual([1, 2]);
    const next = await redrive(broker, letters, fast);
    expect([next.repeated, next.redriven]).toEqual([[letters[0]], [letters[1]]]);
    expect([await messages(), await messages('DLQ')]).toEqual([2, 0]);
  });
});

describe('a redrive', () => {
  test('into a full stream ends with that dead letter kept, and goes on when there is room', async () => {
    const { broker, letters, messages, resume, finished } = await dead(3);
    await ensureStreams(broker, 2);
    const full = await redrive(broker, letters, fast);
    expect(full).toMatchObject({ redriven: letters.slice(0, 2), left: letters.slice(2) });
    expect(full.failure).toBe('r2: the work stream is full');
    expect([await messages(), await messages('DLQ')]).toEqual([2, 1]);
    await resume();
    await finished(2);
    expect((await redrive(broker, letters, fast)).gone).toEqual(letters.slice(0, 2));
    await finished(3);
  });

  test('that is interrupted ends after the current dead letter', async () => {
    const { broker, letters, messages } = await dead(4);
    const interruption = new AbortController();
    const onProgress = (count: number) => count === 2 && interruption.abort();
    const { redriven, left, failure } = await redrive(broker, letters, {
      ...fast,
      signal: interruption.signal,
      onProgress,
    });
    expect([redriven, left, failure]).toEqual([letters.slice(0, 2), letters.slice(2), undefined]);
    expect([await messages(), await messages('DLQ')]).toEqual([2, 2]);
  });

  test('skips a message of a new stream with the sequence of a dead letter', async () => {
    const { broker, letters, messages, replaced } = await replacing();
    expect((await redrive(broker, letters, fast)).gone).toEqual(letters);
    expect(await readDeadLetters(broker)).toEqual(replaced);
    expect(await messages()).toBe(0);
  });
});

/** Creates a dead letter, replaces its stream by a new one, and creates a dead letter with the same sequence there. */
async function replacing() {
  const it = await dead(1);
  const { streams } = await jetstreamManager(it.broker);
  await streams.delete(names.deadLetters);
  await ensureStreams(it.broker);
  it.downstream.answer = fail;
  await it.publish('r7');
  await it.resume();
  await it.finished(1);
  const replaced = await readDeadLetters(it.broker);
  expect(replaced).toMatchObject([{ id: 'r7', sequence: it.letters[0]!.sequence }]);
  return { ...it, replaced };
}

test('purge deletes the given dead letters, and counts those that existed', async () => {
  const { broker, letters, messages } = await dead(3);
  await redrive(broker, letters.slice(0, 1), fast);
  const withoutFailure = { failure: undefined };
  const some = await purge(broker, letters.slice(0, 2), fast.signal);
  expect(some).toEqual({ purged: 1, left: 0, ...withoutFailure });
  expect(await readDeadLetters(broker)).toEqual(letters.slice(2));
  const none = await purge(broker, letters, AbortSignal.abort());
  expect(none).toEqual({ purged: 0, left: 3, ...withoutFailure });
  const failed = await purge(await killed(), letters.slice(2), fast.signal);
  expect(failed).toEqual({ purged: 0, left: 1, failure: 'r2: killed' });
  expect(await messages('DLQ')).toBe(1);
});

test('readDeadLetters reports a missing stream of dead letters', async () => {
  await expect(readDeadLetters(await nats.fresh())).rejects.toMatchObject({ name: 'no-dead-letters' });
});

test('redrive skips dead letters that the work stream would not take, and goes on', async () => {
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
  expect([left, failure]).toEqual([[], undefined]);
  expect([await messages(), await messages('DLQ'), await messages('OTHER')]).toEqual([2, 5, 0]);
  await manager.streams.delete('OTHER');
});

test('redrive skips dead letters that are too large for the work stream, or the broker, with their headers', async () => {
  const { broker, messages } = await streams(nats);
  for (const [index, bytes] of [eventBytesMax, 1024 * 1024, 2].entries())
    await jetstream(broker).publish(`dlq.WORK.${index + 1}.1`, Buffer.alloc(bytes, ' '));
  const { redriven, skipped, left, failure } = await redrive(broker, await readDeadLetters(broker), fast);
  expect(redriven.map(({ id }) => id)).toEqual(['letter#3']);
  const reason = 'with its headers it is larger than the limit of WORK, 524288 bytes';
  expect(skipped).toMatchObject(['letter#1', 'letter#2'].map((id) => ({ letter: { id }, reason })));
  expect([left, failure]).toEqual([[], undefined]);
  expect([await messages(), await messages('DLQ')]).toEqual([1, 2]);
});
