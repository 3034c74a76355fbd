import { expect, test } from 'vitest';
import { raw, requestText } from '#test/support/raw.ts';
import { until } from '#test/support/until.ts';
import { rig } from './rig.ts';

/** Disconnects a caller. Resolves when the server has noticed, since it has answered a later request by then. */
async function hangUp(caller: Awaited<ReturnType<typeof raw>>, url: string) {
  caller.socket.destroy();
  await caller.closed;
  const other = await raw(url, requestText('GET', '/nothing'));
  await until(() => other.text().startsWith('HTTP/1.1 404'));
}

test('work goes on when its caller disconnects, and its effect says so', async () => {
  const { call, url, clock, inFlight, committed, metric } = await rig();
  const patient = await call('r1');
  await hangUp(await call('r2'), url);
  expect(await inFlight()).toBe(2);
  await clock.advance(20);
  await until(() => patient.text().endsWith('{"id":"r1","duplicate":false}'));
  expect(committed()).toMatchObject([
    { id: 'r1', gone: false },
    { id: 'r2', gone: true },
  ]);
  expect(await inFlight()).toBe(0);
  expect(await metric('spillway_effects_total{caller="waiting"}')).toBe(1);
  expect(await metric('spillway_effects_total{caller="gone"}')).toBe(1);
});

test('with abandonOnAbort work stops when its caller disconnects, and that of the others goes on', async () => {
  const { call, url, clock, inFlight, committed, metric } = await rig({ abandonOnAbort: true });
  const patient = await call('r1');
  await hangUp(await call('r2'), url);
  expect(await inFlight()).toBe(1);
  await clock.advance(20);
  await until(() => patient.text().endsWith('{"id":"r1","duplicate":false}'));
  expect(committed()).toMatchObject([{ id: 'r1', gone: false }]);
  expect(clock.pending).toBe(0);
  expect(await metric('spillway_attempts_total{result="ok"}')).toBe(1);
  expect(await metric('spillway_attempts_total{result="abandoned"}')).toBe(1);
});

test('stop finishes the work of disconnected callers', async () => {
  const { call, url, clock, stopService, committed } = await rig();
  await hangUp(await call('r1'), url);
  const stopping = stopService();
  await clock.advance(20);
  await stopping;
  expect(committed()).toMatchObject([{ id: 'r1', gone: true }]);
});
