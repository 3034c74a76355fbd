import { headers as natsHeaders } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { readBacklog } from '#kit/broker/backlog.ts';
import { ensureConsumer, ensureStreams, isAlreadyThere, isStreamFull } from '#kit/broker/broker.ts';
import type { Broker, Delivered, Pull } from '#kit/broker/client.ts';
import { watchConnection } from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep, systemClock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { readRemains } from '#lab/conduct/broker-remains.ts';
import { SimulatedBroker } from '#lab/world/simulated/broker/broker.ts';
import { connectTo } from '#lab/world/simulated/broker/connection.ts';
import { delayOf } from '#lab/world/simulated/hop.ts';
import { reliable, SimulatedProcess } from '#lab/world/simulated/process.ts';
import { startBroker } from '#lab/world/simulated/services.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();

/** Uses a broker, and resolves with observations. Real and simulated broker must give the same. */
type Scenario = (broker: Broker, clock: Clock, server: Server) => Promise<unknown>;

interface Server {
  kill(): Promise<unknown>;
  restart(): Promise<unknown>;
}

const ackWaitMs = 1000;

async function prepared(broker: Broker, maxPending = 100): Promise<void> {
  await ensureStreams(broker, maxPending);
  await ensureConsumer(broker, ackWaitMs);
}

const store = (broker: Broker, id: string) =>
  broker.store(names.subject, JSON.stringify({ id }), {
    msgID: id,
    headers: natsHeaders(),
    timeout: 2000,
  });

/** Returns a function that resolves with the next message of a pull. */
function reader(pull: Pull): () => Promise<Delivered> {
  const messages = pull.messages[Symbol.asyncIterator]();
  return async () => (await messages.next()).value;
}

const seen = ({ seq, info, headers }: Delivered) =>
  `${seq} for the ${info.deliveryCount}. time: ${new Map(headers).get('Nats-Msg-Id')}`;

const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'none',
    (error) => {
      if (isStreamFull(error)) return 'full';
      return isAlreadyThere(error) ? 'already there' : (error as Error).message;
    },
  );

const backlogOf = async (broker: Broker) => {
  const { messages, ackPending } = await readBacklog(broker);
  return { messages, ackPending };
};

/** Kills and restarts the broker, and waits until the client is connected again. Calls `meanwhile` in between. */
async function restarted(
  broker: Broker,
  clock: Clock,
  server: Server,
  meanwhile = () => undefined as unknown,
): Promise<void> {
  const isConnected = watchConnection(broker);
  const until = async (wanted: boolean) => {
    while (isConnected() !== wanted) await sleep(10, clock);
  };
  await server.kill();
  await until(false);
  meanwhile();
  await server.restart();
  await until(true);
}

const scenarios: Record<string, Scenario> = {
  async 'a full stream refuses, and an acknowledgement makes room'(broker) {
    await prepared(broker, 2);
    for (const id of ['a', 'b']) await store(broker, id);
    const refused = await refusal(store(broker, 'c'));
    const next = reader(await broker.pull(1));
    await broker.confirm(await next(), 1000);
    const { seq } = await store(broker, 'c');
    return { refused, seq, backlog: (await readBacklog(broker)).messages };
  },

  async 'a repeated message id is a duplicate, even after its acknowledgement'(broker) {
    await prepared(broker);
    const first = await store(broker, 'a');
    const second = await store(broker, 'a');
    const next = reader(await broker.pull(1));
    await broker.confirm(await next(), 1000);
    const third = await store(broker, 'a');
    return [first, second, third].map(({ seq, duplicate }) => [seq, duplicate]);
  },

  async 'a message without a signal is delivered again after the ack wait'(broker, clock) {
    await prepared(broker);
    await store(broker, 'a');
    const next = reader(await broker.pull(4));
    const beganAtMs = clock.now();
    const got = [seen(await next()), seen(await next())];
    return { got, isWithin: clock.now() - beganAtMs >= ackWaitMs && clock.now() - beganAtMs < 2 * ackWaitMs };
  },

  async 'a signal of work starts the ack wait again'(broker, clock) {
    await prepared(broker);
    await store(broker, 'a');
    const next = reader(await broker.pull(4));
    const message = await next();
    const beganAtMs = clock.now();
    await sleep(0.7 * ackWaitMs, clock);
    message.working();
    await next();
    return clock.now() - beganAtMs >= 1.6 * ackWaitMs;
  },

  async 'a message that is given back comes before new ones'(broker, clock) {
    await prepared(broker);
    await store(broker, 'a');
    const next = reader(await broker.pull(1));
    const first = await next();
    for (const id of ['b', 'c']) await store(broker, id);
    first.nak();
    await sleep(50, clock); // nats-server may handle a request of the same moment first
    return [seen(first), seen(await next()), seen(await next())];
  },

  async 'a message that is given back with a delay comes after it'(broker, clock) {
    await prepared(broker);
    await store(broker, 'a');
    const next = reader(await broker.pull(1));
    const first = await next();
    const beganAtMs = clock.now();
    first.nak(100);
    return [seen(await next()), clock.now() - beganAtMs >= 99];
  },

  async 'an acknowledgement after the ack wait still removes the message'(broker, clock) {
    await prepared(broker);
    await store(broker, 'a');
    const next = reader(await broker.pull(4));
    const first = await next();
    await next();
    await broker.confirm(first, 1000);
    await sleep(1.2 * ackWaitMs, clock);
    return backlogOf(broker);
  },

  async 'a pull fetches no more than its size ahead'(broker, clock) {
    await prepared(broker);
    for (let index = 0; index < 20; index++) await store(broker, `r${index}`);
    const next = reader(await broker.pull(8));
    const held: number[] = [];
    for (let taken = 1; taken <= 8; taken++) {
      await next();
      await sleep(20, clock);
      held.push((await readBacklog(broker)).ackPending - taken);
    }
    return { most: Math.max(...held), least: Math.min(...held) };
  },

  async 'a drained pull ends after what it has received'(broker, clock) {
    await prepared(broker);
    for (const id of ['a', 'b', 'c']) await store(broker, id);
    const pull = await broker.pull(2);
    const messages: string[] = [];
    for await (const message of pull.messages) {
      messages.push(seen(message));
      if (messages.length > 1) continue;
      await sleep(50, clock); // until both messages have arrived
      await pull.drain();
    }
    return { messages, ackPending: (await readBacklog(broker)).ackPending };
  },

  async 'a subject that must be new takes one message'(broker) {
    await prepared(broker);
    const publish = () =>
      broker.store('dlq.WORK.1.5', 'body', { expect: { lastSubjectSequence: 0 }, timeout: 1000 });
    const refusals = [await refusal(publish()), await refusal(publish())];
    const { streams } = await broker.manager();
    const found = await streams.getMessage(names.deadLetters, { last_by_subj: 'dlq.WORK.1.5' });
    return { refusals, text: found?.string(), none: await streams.getMessage(names.deadLetters, { seq: 9 }) };
  },

  async 'a pull breaks off when its consumer is deleted'(broker) {
    await prepared(broker);
    const next = reader(await broker.pull(1));
    const waiting = refusal(next());
    await (await broker.manager()).consumers.delete(names.stream, names.consumer);
    return (await waiting) === 'none';
  },

  async 'what remains is told apart by its deliveries'(broker) {
    await prepared(broker);
    for (const id of ['r0', 'r1', 'r2']) await store(broker, id);
    const next = reader(await broker.pull(1));
    await broker.confirm(await next(), 1000);
    await next();
    const { pending, dead, ...rest } = await readRemains(broker);
    return { ...rest, pending: [...pending], dead: [...dead] };
  },

  async 'a restarted broker has its messages, and delivers again after the ack wait'(broker, clock, server) {
    await prepared(broker);
    for (const id of ['a', 'b', 'c']) await store(broker, id);
    const next = reader(await broker.pull(1));
    await broker.confirm(await next(), 1000);
    const first = seen(await next());
    await sleep(500, clock); // nats-server forgets deliveries of the last moments before a crash
    await restarted(broker, clock, server);
    const rest = [await next(), await next()].map(seen);
    return { first, rest: rest.toSorted(), backlog: await backlogOf(broker) };
  },

  async 'what a client sends while the broker is away is lost'(broker, clock, server) {
    await prepared(broker);
    await store(broker, 'a');
    const next = reader(await broker.pull(1));
    const message = await next();
    await restarted(broker, clock, server, () => message.ack());
    return (await backlogOf(broker)).messages; // nats-server may forget the delivery, too
  },

  async 'streams that are missing have an error of their own'(broker) {
    const { streams, consumers } = await broker.manager();
    return [
      await refusal(streams.info(names.stream)),
      await refusal(consumers.info(names.stream, names.consumer)),
    ];
  },
};

describe('a simulated broker and nats-server agree:', () => {
  test.each(Object.entries(scenarios))('%s', async (_name, scenario) => {
    const clock = new VirtualClock();
    const model = new SimulatedBroker();
    const process = await SimulatedProcess.start('nats', clock, (own) => startBroker(own, model));
    const client = await connectTo({ broker: model, hop: delayOf(clock, 0), party: reliable, clock });
    const server = { kill: () => process.end('SIGKILL'), restart: () => process.restart({}) };
    const simulated = await clock.runUntil(scenario(client, clock, server));
    const real = await scenario(await nats.fresh(), systemClock, nats);
    expect(simulated).toEqual(real);
  });
});
