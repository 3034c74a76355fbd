import { describe, expect, test } from 'vitest';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { ids, rig } from './rig.ts';

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
});
