import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, onTestFinished, test } from 'vitest';
import { countMessages, purgeStreams } from '#kit/broker/broker.ts';
import { connectBroker } from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import { engines } from '#lab/testbed/engines.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { runText } from '#test/support/run-text.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();

/** A testbed that is up, what its broker holds, and runs attached to it. */
async function attached() {
  const { urls, control, natsUrl, natsCredentials } = await up();
  const broker = await connectBroker(natsUrl, 'test', natsCredentials);
  onTestFinished(() => broker.close());
  const { streams } = await jetstreamManager(broker);
  return {
    counts: () => countMessages(broker),
    /** Returns the creation time and the bound of each stream. */
    made: () =>
      Promise.all(
        [names.stream, names.deadLetters].map(async (name) => {
          const { created, config } = await streams.info(name);
          return { created, bound: config.max_msgs };
        }),
      ),
    configs: () =>
      Promise.all(Object.values(control).map(async (url) => (await fetch(`${url}/config`)).json())),
    /** A message that no run has published. */
    hold: async () => {
      await jetstream(broker).publish('dlq.WORK.1', 'x');
      onTestFinished(() => purgeStreams(broker));
    },
    attach: (variants: object) =>
      runText(
        countedExperiment({
          variants,
          drainMs: 3000,
          load: constant(100, 500),
          downstream: { model: { kind: 'fixed', latencyMs: 5, failureRatio: 0.3 } },
        }),
        engines.attach({ urls, ownConsumer: false, natsCredentials }).start,
      ),
  };
}

const rpc = { path: 'rpc', policies: [] };
const event = {
  path: 'event',
  policies: [],
  stream: { maxPending: 77 },
  consumer: { redelivery: { maxRetries: 0 } },
};

test('attach refuses events while the broker holds messages, and changes nothing', async () => {
  const { hold, counts, made, configs, attach } = await attached();
  await hold();
  const before = [await counts(), await made(), await configs()];
  const { status, errors } = await attach({ rpc, event });
  expect(status).toBe('error');
  expect(errors).toEqual([
    {
      name: 'streams-in-use',
      message: expect.stringMatching(
        / holds messages, 0 in WORK and 1 in DLQ, which a run would delete: `\S+spillway dlq redrive` or /,
      ),
    },
  ]);
  expect([await counts(), await made(), await configs()]).toEqual(before);
});

test('attach touches no stream for an experiment without events', async () => {
  const { hold, counts, made, attach } = await attached();
  await hold();
  const before = [await counts(), await made()];
  const { errors, variants } = await attach({ rpc });
  expect(errors).toEqual([]);
  expect(variants[0]?.offered).toBe(50);
  expect([await counts(), await made()]).toEqual(before);
});

test('attach leaves streams as empty as it found them, so that the next run finds them so', async () => {
  const { counts, made, attach } = await attached();
  const [work] = await made();
  for (const { errors, variants } of [await attach({ event }), await attach({ event })]) {
    expect(errors).toEqual([]);
    expect(variants[0]?.outcomes.dead).toBeGreaterThan(0);
    expect(await counts()).toEqual([0, 0]);
    expect((await made())[0]?.bound).toBe(work?.bound);
  }
});
