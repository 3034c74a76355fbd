import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deadline, systemClock } from '#kit/clock.ts';
import { parseDuration } from '#lab/experiment/hypothesis/terms.ts';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { read } from '#test/tidy/tree.ts';
import { fail, ids, rig } from './rig.ts';

const nats = withNats();
type Rig = Awaited<ReturnType<typeof rig>>;

const away = async ({ unready }: Rig) => {
  await nats.kill();
  await until(async () => (await unready()) === 'the broker is unavailable');
};
const mute = () => nats.pause();
/** Restarts the broker, whether it is away or mute. Messages that it had not read are lost. */
const mend = async ({ unready, reconnected }: Rig) => {
  await nats.kill();
  await nats.restart();
  await reconnected();
  await until(async () => (await unready()) === undefined);
};

const harms = [
  ['away', away, 'the broker is away'],
  ['mute', mute, 'the broker does not answer: not within 2000 ms'],
] as const;

describe.each(harms)('while the broker is %s', (_sentence, harm, reason) => {
  test.each([
    ['that reconfigures', { concurrency: 3, ackWaitMs: 5000 }],
    ['that pauses', { paused: true, ackWaitMs: 5000 }],
  ])('a configuration %s is refused, with nothing changed, and the consumer goes on', async (_what, next) => {
    const inFlight = await rig(nats, { concurrency: 2 });
    const { publish, put, control, stub, finished, ackWaitMs } = inFlight;
    await publish('r1');
    const { response } = await stub.got(0);
    const before = (await control.inject('/config')).json();
    await harm(inFlight);
    const refused = await put(next);
    expect([refused.statusCode, refused.json()]).toEqual([
      503,
      {
        type: 'urn:spillway:no-broker',
        title: 'The broker is unavailable',
        status: 503,
        detail: `the configuration was not applied: ${reason}`,
      },
    ]);
    expect((await control.inject('/config')).json()).toEqual(before);
    await mend(inFlight);
    expect(await ackWaitMs()).toBe(30_000);
    response.end('{}');
    await finished(1);
    await publish('r2');
    done(await stub.got(1));
    await finished(2);
    expect((await put(next)).json()).toMatchObject(next);
  });

  test('stop ends, what is under way is finished first, and nothing else is begun', async () => {
    const inFlight = await rig(nats, { concurrency: 2 });
    const { publish, stub, stop, metric } = inFlight;
    await publish(...ids(6));
    await stub.got(1);
    await harm(inFlight);
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    for (const received of stub.received) {
      expect(stopped).toBe(false);
      done(received);
      await until(async () => received.response.writableFinished);
    }
    await stopping;
    expect(stub.received).toHaveLength(2);
    expect(await metric('spillway_attempts_total{result="ok"}')).toBe(2);
  });

  test('stop ends, with events that are about to be dead-lettered', async () => {
    const inFlight = await rig(nats, { concurrency: 2, redelivery: { maxRetries: 0 } });
    const { publish, stub, stop, metric } = inFlight;
    await publish(...ids(2));
    await stub.got(1);
    await harm(inFlight);
    const stopping = stop();
    for (const received of stub.received) fail(received);
    await stopping;
    expect(await metric('spillway_deliveries_total{result="returned"}')).toBe(2);
    expect(await metric('spillway_dead_letters_total{reason="failed"}')).toBe(0);
  });

  test('stop ends, with events that wait for their redelivery', async () => {
    const redelivery = { maxRetries: 1, backoff: { kind: 'constant', delayMs: 60_000 } };
    const inFlight = await rig(nats, { redelivery }, fail);
    const { publish, stop, metric } = inFlight;
    await publish(...ids(2));
    await until(async () => (await metric('spillway_deliveries_total{result="retried"}')) === 2);
    await harm(inFlight);
    await stop();
    expect(await metric('spillway_deliveries_total{result="retried"}')).toBe(2);
  });
});

test.each(harms)(
  'while the broker is %s, a scrape answers in the time that Prometheus gives it',
  async (_sentence, harm) => {
    const inFlight = await rig(nats, {});
    await harm(inFlight);
    const { scrape_timeout } = parse(read('prometheus/prometheus.yml')!).global;
    const scrape = inFlight.control.inject('/metrics').then(({ body }) => body);
    const body = await deadline(scrape, parseDuration(scrape_timeout)!, systemClock);
    expect(body).toContain('\nspillway_stream_messages Nan\n');
    expect(body).toContain('\nspillway_deliveries_limit 16\n');
    await inFlight.stop();
  },
);
