import { JetStreamApiError } from '@nats-io/jetstream';
import { NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { consumer } from '#consumer/consumer.ts';
import type { Broker } from '#kit/broker/client.ts';
import { untilAnswered } from '#kit/broker/connect.ts';
import { tickBatch } from '#kit/broker/nats.ts';
import { sleep } from '#kit/clock.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { eventsOf } from '#publisher/events.ts';
import { silent } from '#test/support/serve.ts';

test('turns gives all calls within one turn the same end, and later calls another', async () => {
  const nextTurn = tickBatch();
  const log: string[] = [];
  const ask = (name: string) => nextTurn().then(() => log.push(name));
  const first = ask('a');
  await Promise.resolve(); // still in the same turn of the event loop
  const second = ask('b');
  expect(nextTurn()).toBe(nextTurn());
  setImmediate(() => log.push('the turn is over'));
  await Promise.all([first, second]);
  expect(log).toEqual(['a', 'b']);
  await ask('c');
  expect(log).toEqual(['a', 'b', 'the turn is over', 'c']);
});

function rig(...errors: Error[]) {
  const clock = new VirtualClock();
  const warnings: unknown[] = [];
  let asked = 0;
  const answer = untilAnswered(
    async () => {
      const error = errors[asked++];
      if (error) throw error;
      return 'done';
    },
    { warn: (text: unknown) => void warnings.push(text) } as never,
    clock,
  );
  answer.catch(() => undefined);
  return { answer, clock, warnings, asked: () => asked };
}

const noResponders = new NoRespondersError('$JS.API');

test('untilAnswered asks again where the broker does not answer, and says so once', async () => {
  const refused = new RequestError('no responders', { cause: noResponders });
  const ofCluster = [10005, 10008].map(
    (code) => new JetStreamApiError({ code: 503, err_code: code, description: 'not ready' }),
  );
  const { answer, clock, warnings, asked } = rig(new TimeoutError(), noResponders, refused, ...ofCluster);
  await clock.run();
  expect(await answer).toBe('done');
  expect([asked(), warnings]).toEqual([6, ['waiting for an answer from the broker']]);
});

test('untilAnswered gives up in time', async () => {
  const clock = new VirtualClock();
  const ask = async (answerMs: number) => {
    await sleep(answerMs, clock);
    throw new TimeoutError();
  };
  const answer = untilAnswered(ask, silent, clock, 5000);
  const refused = expect(answer).rejects.toThrow('the configuration was not applied: timeout');
  await clock.run();
  await refused;
  expect(clock.now()).toBeGreaterThanOrEqual(5000);
  expect(clock.now()).toBeLessThan(7000);
});

test('untilAnswered rejects at once with what the broker answers', async () => {
  const { answer, asked, warnings } = rig(new Error('no room'));
  await expect(answer).rejects.toThrow('no room');
  expect([asked(), warnings]).toEqual([1, []]);
});

test.each([
  ['publisher', eventsOf],
  ['consumer', consumer],
] as const)(
  'a %s that starts while a cluster has no leader asks again every second',
  async (_name, start) => {
    const clock = new VirtualClock();
    const askedAtMs: number[] = [];
    const add = async (answerMs: number) => {
      askedAtMs.push(clock.now());
      await sleep(answerMs, clock);
      throw new TimeoutError();
    };
    const broker = {
      async *status() {},
      manager: async (answerMs = 5000) => ({ streams: { add: () => add(answerMs) } }),
    } as unknown as Broker;
    const parts = { log: silent, metrics: new Metrics(), broker, clock, upstream: {} as never };
    void start(parts);
    await clock.advance(3000);
    expect(askedAtMs).toEqual([0, 1100, 2200]);
  },
);
