import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { names } from '#kit/broker/names.ts';
import { type Calls, callers } from '#test/support/callers.ts';
import { parseEffects } from '#test/support/effects.ts';
import { testFolder } from '#test/support/folder.ts';
import { withNats } from '#test/support/nats.ts';
import { processes, type Running } from '#test/support/process.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { send } from '#test/support/send.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();
const work = { model: { kind: 'fixed', latencyMs: 20 }, idempotent: false };

/** Starts downstream as a process. `effects` returns the ids in its effect log. */
async function downstreamIn({ folder, start }: ReturnType<typeof processes>) {
  const file = join(folder, 'effects.ndjson');
  const downstream = await start('downstream', work, { EFFECTS_FILE: file });
  return { downstream, effects: () => parseEffects(readFileSync(file, 'utf8')).map(({ id }) => id) };
}

/** Opens connections that must not delay a stop: an unused one, an idle one, and one with an incomplete request. */
async function hangersOn({ url }: Running) {
  const all = await Promise.all([raw(url), raw(url, requestText('GET', '/')), raw(url, 'POST /')]);
  await until(() => all[1]!.text() !== '');
  return all;
}

/** Stops a process under load. Resolves when all callers and connections have ended. */
async function stopUnder(calls: Calls, service: Running) {
  const others = await hangersOn(service);
  await calls.reached(100);
  service.kill('SIGTERM');
  const { code, signal } = await service.ended;
  // With exit code 0, the process has finished all work within the time limit of a stop.
  expect([code, signal]).toEqual([0, null]);
  await calls.over;
  await Promise.all(others.map(({ closed }) => closed));
}

/** Expects a complete answer for each accepted request. Compares ids, not only counts. */
function expectAnswered(calls: Calls, accepted: readonly string[], status: number) {
  expect([...new Set(calls.answered.values())]).toEqual([status]);
  expect([...calls.answered.keys()].toSorted()).toEqual(accepted.toSorted());
  expect(calls.broken.filter((id) => accepted.includes(id))).toEqual([]);
  expect(calls.refused.length).toBeGreaterThan(0);
}

test('a gateway that stops answers all accepted requests', async () => {
  const testbed = processes();
  const { downstream, effects } = await downstreamIn(testbed);
  const gateway = await testbed.start('gateway', {}, { DOWNSTREAM_URL: downstream.url });
  const calls = callers(`${gateway.url}/rpc`, 32);
  await stopUnder(calls, gateway);
  expectAnswered(calls, effects(), 200);
});

test('a gateway with STOP_DELAY_MS says that it stops, and answers requests until then', async () => {
  const testbed = processes();
  const { downstream } = await downstreamIn(testbed);
  // Much longer than the test takes, so that each request comes in time.
  const env = { DOWNSTREAM_URL: downstream.url, STOP_DELAY_MS: '20000' };
  const gateway = await testbed.start('gateway', {}, env);
  gateway.kill('SIGTERM');
  await until(async () => {
    const answer = await fetch(`${gateway.controlUrl}/readyz`);
    return answer.status === 503 && (await answer.text()).includes('it is stopping');
  });
  const answer = await send('POST', `${gateway.url}/rpc`, { id: 'r0' });
  // The connection ends, so that the caller connects to another replica.
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
});

test('a publisher that stops answers all accepted events', async () => {
  const broker = await nats.fresh();
  const publisher = await processes().start(
    'publisher',
    { publishTimeoutMs: 60_000 },
    { NATS_URL: nats.url },
  );
  const calls = callers(`${publisher.url}/events`, 32);
  await stopUnder(calls, publisher);
  expectAnswered(calls, await stored(broker), 202);
});

test('a consumer that stops loses nothing, repeats nothing, and the next one finishes the rest at once', async () => {
  const broker = await nats.fresh();
  const testbed = processes();
  const { downstream, effects } = await downstreamIn(testbed);
  const env = { NATS_URL: nats.url, DOWNSTREAM_URL: downstream.url };
  const first = await testbed.start('consumer', { redelivery: { maxRetries: 0 } }, env);
  const all = Array.from({ length: 200 }, (_, i) => `r${i}`);
  const client = jetstream(broker);
  const publish = async (ids: string[]) => {
    for (const id of ids) await client.publish(names.subject, JSON.stringify({ id }), { msgID: id });
  };
  const publishing = publish(all.slice(0, 150));
  await until(() => effects().length > 30);
  first.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0, signal: null });
  await publishing;
  await publish(all.slice(150));
  expect([...effects(), ...(await stored(broker))].toSorted()).toEqual(all.toSorted());

  await testbed.start('consumer', { redelivery: { maxRetries: 0 } }, env);
  await until(() => effects().length >= all.length);
  expect(effects().toSorted()).toEqual(all.toSorted());
});

/** Resolves with the ids of the events in the work stream. */
async function stored(broker: NatsConnection): Promise<string[]> {
  const { streams } = await jetstreamManager(broker, { checkAPI: false });
  const { state } = await streams.info(names.stream);
  const sequences = Array.from(
    { length: state.last_seq - state.first_seq + 1 },
    (_, i) => state.first_seq + i,
  );
  const messages = await Promise.all(sequences.map((seq) => streams.getMessage(names.stream, { seq })));
  return messages.flatMap((message) => message?.header.get('Nats-Msg-Id') ?? []);
}

test('a downstream without EFFECTS_FILE ends well when it is stopped by SIGINT, too, and leaves no file behind', async () => {
  const TMPDIR = testFolder();
  const { kill, ended } = await processes().start('downstream', {}, { TMPDIR });
  expect(readdirSync(TMPDIR)).toHaveLength(1);
  kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, signal: null });
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('a downstream without EFFECTS_FILE that can not start leaves no file behind', async () => {
  const TMPDIR = testFolder();
  await expect(processes().start('downstream', { seed: 'seven' }, { TMPDIR })).rejects.toMatchObject({
    name: 'downstream-start-failed',
  });
  expect(readdirSync(TMPDIR)).toEqual([]);
});
