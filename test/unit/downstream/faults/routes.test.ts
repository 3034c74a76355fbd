import { expect, test } from 'vitest';
import { rig } from '../rig.ts';

const failure = { leaseMs: 1000, fault: { kind: 'failure' } };

async function routes() {
  const { control, send, clock } = await rig({ model: { kind: 'fixed', latencyMs: 20 } });
  const ask = async (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object) => {
    const answer = await control.inject({ method, url: path, ...(body && { body }) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const status = async () => {
    const [response] = await send(['r1']);
    await clock.advance(20);
    return (await response!).statusCode;
  };
  return { ask, status, clock };
}

test('PUT /faults/{name} begins a fault, DELETE ends it, GET lists the active faults', async () => {
  const { ask, status } = await routes();
  const listed = [{ name: 'bad day', leftMs: 1000, kind: 'failure', ratio: 1, status: 500 }];
  expect(await ask('PUT', '/faults/bad%20day', failure)).toEqual({ status: 200, body: listed });
  expect((await ask('GET', '/faults')).body).toEqual(listed);
  expect(await status()).toBe(500);
  expect((await ask('DELETE', '/faults/other')).body).toMatchObject([{ name: 'bad day' }]);
  expect(await ask('DELETE', '/faults/bad%20day')).toEqual({ status: 200, body: [] });
  expect(await status()).toBe(200);
});

test.each([
  ['no lease', { fault: { kind: 'failure' } }, ''],
  ['a lease without end', { ...failure, leaseMs: 1e9 }, '/leaseMs'],
  ['an unknown kind', { leaseMs: 1, fault: { kind: 'earthquake' } }, '/fault/kind'],
  [
    'a most below its least',
    { leaseMs: 1, fault: { kind: 'latency', added: { kind: 'uniform', minMs: 100, maxMs: 10 } } },
    '/fault/added/maxMs',
  ],
  ['a field of another kind', { leaseMs: 1, fault: { kind: 'hang', status: 500 } }, '/fault/status'],
])('a fault with %s is refused, and nothing begins', async (_sentence, body, pointer) => {
  const { ask } = await routes();
  const answer = await ask('PUT', '/faults/a', body);
  expect(answer.status).toBe(400);
  expect(answer.body.problems.map((problem: { pointer: string }) => problem.pointer)).toContain(pointer);
  expect((await ask('GET', '/faults')).body).toEqual([]);
});

test.each([
  ['that it masks', { kind: 'reset' }, { kind: 'hang' }],
  ['that masks it', { kind: 'hang' }, { kind: 'reset' }],
])('a fault beside another %s is refused, and that one goes on', async (_sentence, first, second) => {
  const { ask } = await routes();
  await ask('PUT', '/faults/a', { leaseMs: 1000, fault: first });
  const { status, body } = await ask('PUT', '/faults/b', { leaseMs: 1000, fault: second });
  const message = `expected either ${first.kind} or ${second.kind} at a time, got ${second.kind} beside "a"`;
  expect([status, body.problems]).toEqual([400, [{ pointer: '/fault/kind', message }]]);
  expect((await ask('GET', '/faults')).body).toMatchObject([{ name: 'a', ...first }]);
});
