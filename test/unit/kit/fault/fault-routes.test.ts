import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { faultRoutes } from '#kit/fault/fault-routes.ts';
import { createApp } from '#kit/http/app.ts';
import { silent } from '#test/support/serve.ts';

/** The routes of a service that does as told, with what it was told; what is called stuck can't be ended. */
function rig() {
  const app = createApp(silent);
  const active = new Map<string, object>();
  const list = () => [...active].map(([name, what]) => ({ name, ...what }));
  faultRoutes(
    app,
    { what: Type.String() },
    {
      list,
      begin: async (name, what, leaseMs) => void active.set(name, { ...what, leaseMs }),
      end: (name) => {
        if (name === 'stuck') throw new Error('it is stuck');
        active.delete(name);
      },
    },
  );
  return async (method: 'GET' | 'PUT' | 'DELETE', url: string, body?: object) => {
    const answer = await app.inject({ method, url, ...(body && { body }) });
    return { status: answer.statusCode, body: answer.json() };
  };
}

const told = { leaseMs: 1000, what: 'x' };

test('faultRoutes begin, list and end faults, each answer being those in force', async () => {
  const ask = rig();
  const [a, b] = ['a', 'b c'].map((name) => ({ name, ...told }));
  expect(await ask('PUT', '/faults/a', told)).toEqual({ status: 200, body: [a] });
  expect((await ask('PUT', '/faults/b%20c', told)).body).toEqual([a, b]);
  expect((await ask('DELETE', '/faults/a')).body).toEqual([b]);
  expect((await ask('GET', '/faults')).body).toEqual([b]);
  expect((await ask('DELETE', '/faults')).body).toEqual([]);
});

test('faultRoutes end all that can be ended, and say that some could not', async () => {
  const ask = rig();
  for (const name of ['a', 'stuck', 'b']) await ask('PUT', `/faults/${name}`, told);
  const { status, body } = await ask('DELETE', '/faults');
  expect(status).toBe(500);
  expect(JSON.stringify(body)).toContain('stuck could not be ended: ');
  expect((await ask('GET', '/faults')).body).toEqual([{ name: 'stuck', ...told }]);
});

test('faultRoutes refuse what is no lease, and what is no fault of the service', async () => {
  const ask = rig();
  for (const bad of [{ what: 'x' }, { ...told, leaseMs: 0 }, { ...told, what: {} }])
    expect((await ask('PUT', '/faults/a', bad)).status).toBe(400);
  expect((await ask('GET', '/faults')).body).toEqual([]);
});

test('faultRoutes take as many faults at once as an experiment can have, and one in place of another', async () => {
  const ask = rig();
  for (let i = 0; i < 100; i++) await ask('PUT', `/faults/${i}`, told);
  expect((await ask('PUT', '/faults/one-more', told)).status).toBe(400);
  expect((await ask('PUT', '/faults/0', told)).status).toBe(200);
});
