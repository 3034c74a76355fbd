import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { gateway } from '#gateway/gateway.ts';
import { ofAttempt } from '#kit/http/request.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { hold, listen, silent } from '#test/support/serve.ts';
import { done, type Received, stubDownstream } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function rig(answer?: (received: Received) => void, policies: object[] = []) {
  const stub = await stubDownstream(answer);
  const upstream = new Upstream(stub.url);
  const service = gateway({ log: silent, metrics: new Metrics(), upstream, initial: { policies } });
  const sockets: Socket[] = [];
  service.traffic!.server.on('connection', (socket) => sockets.push(socket));
  const url = await listen(service.traffic!);
  return { ...hold(service), traffic: service.traffic!, stub, url, sockets };
}

test('each attempt carries on the trace and the class of its caller, and an invalid trace is dropped', async () => {
  const { traffic, stub } = await rig(
    ({ response }) => void response.writeHead(500).end(),
    [{ retry: { maxRetries: 1, backoff: { kind: 'constant', delayMs: 1 } } }],
  );
  const send = (headers: object) =>
    traffic.inject({ method: 'POST', url: '/rpc', headers: { ...headers }, body: { id: 'r1' } });
  await send({ traceparent, 'x-class': 'slow' });
  await send({ traceparent: traceparent.slice(1) });
  expect(stub.received.map(({ request }) => request.headers.traceparent)).toEqual([
    ofAttempt(traceparent, 1),
    ofAttempt(traceparent, 2),
    undefined,
    undefined,
  ]);
  const classes = stub.received.map(({ request }) => request.headers['x-class']);
  expect(classes).toEqual(['slow', 'slow', undefined, undefined]);
});

test.each([
  [
    'the time that its caller has left, less the margin',
    [{ deadline: { marginMs: 20_000 } }],
    '60000',
    /^(40000|3\d{4})$/,
  ],
  ['nothing without the deadline policy', [], '60000', undefined],
  ['nothing without a limit', [{ deadline: {} }], undefined, undefined],
])('each attempt receives %s', async (_sentence, policies, ms, expected) => {
  const { traffic, stub } = await rig(done, policies);
  const given = ms === undefined ? {} : { 'x-timeout-ms': ms };
  await traffic.inject({ method: 'POST', url: '/rpc', headers: given, body: { id: 'r1' } });
  const leftMs = stub.received[0]!.request.headers['x-timeout-ms'];
  if (expected === undefined) expect(leftMs).toBeUndefined();
  else expect(leftMs).toMatch(expected);
});

const rpc = (id: string) => requestText('POST', '/rpc', JSON.stringify({ id }));

test.each([
  ['while an attempt is under way', []],
  ['within a timeout', [{ timeout: { ms: 60_000 } }]],
])(
  'a caller that hangs up %s aborts the attempt, and nothing is tried again',
  async (_sentence, policies) => {
    const { url, stub, metric } = await rig(undefined, [{ retry: {} }, ...policies]);
    const caller = await raw(url, rpc('r1'));
    const { request } = await stub.got(0);
    caller.socket.destroy();
    await until(() => request.socket.destroyed);
    await until(async () => (await metric('spillway_requests_total{outcome="gone"}')) === 1);
    expect(await metric('spillway_attempts_total{result="abandoned"}')).toBe(1);
    expect(await metric('spillway_requests_in_flight')).toBe(0);
    expect(stub.received).toHaveLength(1);
  },
);

test('a caller that hangs up between two attempts ends the waiting', async () => {
  const backoff = { kind: 'constant', delayMs: 60_000 };
  const { url, stub, metric } = await rig(
    ({ response }) => void response.writeHead(500).end(),
    [{ retry: { backoff } }],
  );
  const caller = await raw(url, rpc('r1'));
  await stub.got(0);
  await until(async () => (await metric('spillway_retries_total')) === 1);
  caller.socket.destroy();
  await until(async () => (await metric('spillway_requests_total{outcome="gone"}')) === 1);
});

test('downstream that goes away in the middle of an attempt is a failure of downstream', async () => {
  const { url, stub } = await rig();
  const caller = await raw(url, rpc('r1'));
  await stub.got(0);
  await stub.close();
  await until(() => caller.text().startsWith('HTTP/1.1 502'));
  caller.socket.write(rpc('r2'));
  await until(() => caller.text().split('HTTP/1.1 502').length === 3);
});
