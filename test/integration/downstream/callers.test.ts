import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { downstream } from '#downstream/downstream.ts';
import { EffectLog, parseEffects } from '#downstream/effects.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { testFolder } from '#test/support/folder.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { hold, listen, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

/** Downstream on a real socket and virtual time. */
async function rig(more: object = {}) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const effects = new EffectLog(join(testFolder(), 'effects.ndjson'));
  const initial = { model: { kind: 'fixed', latencyMs: 20 }, ...more };
  const service = downstream({ log: silent, metrics, effects, clock, initial });
  const url = await listen(service.traffic!);
  const held = hold(service);
  const inFlight = () => held.metric('spillway_work_in_flight');
  return {
    ...held,
    clock,
    url,
    inFlight,
    committed: () => parseEffects(readFileSync(effects.file, 'utf8')),
    /** Sends one attempt on a connection of its own; resolves when it is worked on. */
    async call(id: string) {
      const before = await inFlight();
      const caller = await raw(url, requestText('POST', '/work', JSON.stringify({ id })));
      await until(async () => (await inFlight()) === before + 1);
      return caller;
    },
  };
}

/** Waits for the server to notice, too: a request on another connection comes after the end of this one. */
async function hangUp(caller: Awaited<ReturnType<typeof raw>>, url: string) {
  caller.socket.destroy();
  await caller.closed;
  const other = await raw(url, requestText('GET', '/nothing'));
  await until(() => other.text().startsWith('HTTP/1.1 404'));
}

test('work goes on when its caller has gone, and its effect says so', async () => {
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

test('with abandonOnAbort work stops when its caller has gone, and that of the others goes on', async () => {
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

test('with abandonOnAbort a connection keeps no listener of the requests that are over', async () => {
  const { call, url, clock, inFlight, committed } = await rig({ abandonOnAbort: true });
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  const caller = await call('r0');
  for (let i = 1; i <= 30; i++) {
    await clock.advance(20);
    await until(() => caller.text().endsWith(`{"id":"r${i - 1}","duplicate":false}`));
    caller.socket.write(requestText('POST', '/work', JSON.stringify({ id: `r${i}` })));
    await until(async () => (await inFlight()) === 1);
  }
  await hangUp(caller, url);
  process.off('warning', warn);
  expect(warnings).toEqual([]);
  expect(await inFlight()).toBe(0);
  expect(committed()).toHaveLength(30);
});

test('stop finishes the work whose caller has gone', async () => {
  const { call, url, clock, stopService, committed } = await rig();
  await hangUp(await call('r1'), url);
  const stopping = stopService();
  await clock.advance(20);
  await stopping;
  expect(committed()).toMatchObject([{ id: 'r1', gone: true }]);
});
