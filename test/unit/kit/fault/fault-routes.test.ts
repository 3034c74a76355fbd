import { expect, test } from 'vitest';
import { serially } from '#kit/clock.ts';
import { faultRoutes, LeasedFaults } from '#kit/fault/leased-faults.ts';
import { createApp } from '#kit/http/app.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { silent } from '#test/support/serve.ts';

/** Creates the fault routes of a service, in which ending the fault `stuck` fails. */
function rig() {
  const app = createApp(silent);
  const end = ({ name }: { name: string }) => {
    if (name === 'stuck') throw new Error('it is stuck');
  };
  const injection = { begin: () => undefined, end, change: serially() };
  const faults = new LeasedFaults<{ kind: string }>(
    { x: {} },
    injection,
    new VirtualClock(),
    () => undefined,
  );
  faultRoutes(app, { fault: strict({ kind: Type.String() }) }, faults);
  return async (method: 'GET' | 'PUT' | 'DELETE', url: string, body?: object) => {
    const answer = await app.inject({ method, url, ...(body && { body }) });
    return { status: answer.statusCode, body: answer.json() };
  };
}

const fault = { leaseMs: 1000, fault: { kind: 'x' } };

test('faultRoutes begin, list and clear faults; each answer lists the active faults', async () => {
  const ask = rig();
  const [a, b] = ['a', 'b c'].map((name) => ({ name, leftMs: 1000, kind: 'x' }));
  expect(await ask('PUT', '/faults/a', fault)).toEqual({ status: 200, body: [a] });
  expect((await ask('PUT', '/faults/b%20c', fault)).body).toEqual([a, b]);
  expect((await ask('DELETE', '/faults/a')).body).toEqual([b]);
  expect((await ask('GET', '/faults')).body).toEqual([b]);
  expect((await ask('DELETE', '/faults')).body).toEqual([]);
});

test('faultRoutes report those that can not be ended', async () => {
  const ask = rig();
  for (const name of ['a', 'stuck', 'b']) await ask('PUT', `/faults/${name}`, fault);
  const { status, body } = await ask('DELETE', '/faults');
  expect(status).toBe(500);
  expect(JSON.stringify(body)).toContain('stuck could not be cleared: ');
  expect((await ask('GET', '/faults')).body).toMatchObject([{ name: 'stuck' }]);
});

test('faultRoutes refuse what is no lease, and what is no fault of the service', async () => {
  const ask = rig();
  for (const bad of [{ fault: fault.fault }, { ...fault, leaseMs: 0 }, { ...fault, fault: {} }])
    expect((await ask('PUT', '/faults/a', bad)).status).toBe(400);
  expect((await ask('GET', '/faults')).body).toEqual([]);
});

test('faultRoutes take as many faults at once as an experiment can have, and replace one by another', async () => {
  const ask = rig();
  for (let i = 0; i < 100; i++) await ask('PUT', `/faults/${i}`, fault);
  expect((await ask('PUT', '/faults/one-more', fault)).status).toBe(400);
  expect((await ask('PUT', '/faults/0', fault)).status).toBe(200);
});
