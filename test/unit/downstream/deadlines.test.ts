import { expect, test } from 'vitest';
import { headers } from '#kit/wire.ts';
import { rig } from './rig.ts';

const works20ms = { model: { kind: 'fixed', latencyMs: 20 } };

test.each([
  ['goes on', 'ignore', 20, 200],
  ['stops when that is over', 'stop', 15, 504],
])('work longer than its caller has left %s', async (_sentence, deadlines, endMs, status) => {
  const { send, clock, control, metric } = await rig({ ...works20ms, deadlines });
  const [response] = await send(['r1', 1, 15]);
  await clock.advance(endMs - 0.1);
  expect(await metric('spillway_work_in_flight')).toBe(1);
  await clock.advance(0.1);
  expect(await metric('spillway_work_in_flight')).toBe(0);
  expect((await response!).statusCode).toBe(status);
  expect((await control.inject('/effects')).body === '').toBe(status !== 200);
});

test('work that takes all that its caller has left is refused at once, and takes no slot', async () => {
  const { traffic, metric } = await rig({ ...works20ms, deadlines: 'refuse' });
  const response = await traffic.inject({
    method: 'POST',
    url: '/work',
    headers: { [headers.timeoutMs]: '20' },
    body: { id: 'r1' },
  });
  expect(response.json()).toMatchObject({ status: 504, type: 'urn:spillway:expired' });
  expect(await metric('spillway_attempts_total{result="expired"}')).toBe(1);
  expect(await metric('spillway_work_in_flight_peak')).toBe(0);
});

test.each(['stop', 'refuse'])('work that fits into what is left is done: %s', async (deadlines) => {
  const { send, clock } = await rig({ ...works20ms, deadlines });
  const [just, unlimited] = await send(['r1', 1, 20.1], ['r2', 1]);
  await clock.advance(20);
  expect([(await just!).statusCode, (await unlimited!).statusCode]).toEqual([200, 200]);
});
