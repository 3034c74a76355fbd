import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { gateway } from '#gateway/gateway.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { hold, listen, silent } from '#test/support/serve.ts';
import { type Received, stubDownstream } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';

async function rig(answer?: (received: Received) => void, policies: object[] = []) {
  const stub = await stubDownstream(answer);
  const upstream = new Upstream(stub.url);
  const service = await gateway({ log: silent, metrics: new Metrics(), upstream, initial: { policies } });
  const sockets: Socket[] = [];
  service.traffic!.server.on('connection', (socket) => sockets.push(socket));
  const url = await listen(service.traffic!);
  return { ...hold(service), traffic: service.traffic!, stub, url, sockets };
}

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
