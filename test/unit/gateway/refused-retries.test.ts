import { expect, test } from 'vitest';
import { gateway } from '#gateway/gateway.ts';
import { type Upstream, UpstreamError } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { hold, silent } from '#test/support/serve.ts';

const total = 1000;
const retry = { retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 20 } } };

/** Sends 1,000 requests, 5 each ms, to an upstream that answers each attempt with 500 after 3 ms. */
async function offer(...policies: object[]) {
  const clock = new VirtualClock();
  const upstream = {
    post: () =>
      new Promise((_resolve, reject) => {
        clock.after(3, () => reject(new UpstreamError(500, 'upstream answered 500')));
      }),
    use: () => undefined,
    close: async () => undefined,
  } as unknown as Upstream;
  const service = gateway({
    log: silent,
    metrics: new Metrics(),
    upstream,
    clock,
    initial: { policies: [retry, ...policies] },
  });
  const { metric } = hold(service);
  await service.traffic!.ready();
  const answers: { status: number; attempts: number }[] = [];
  const send = async (id: string) => {
    const sent = { method: 'POST', url: '/rpc', headers: { 'x-timeout-ms': '15' }, body: { id } } as const;
    const { statusCode, headers } = await service.traffic!.inject(sent);
    answers.push({ status: statusCode, attempts: Number(headers['x-attempt']) });
  };
  for (let sent = 0; answers.length < total; ) {
    for (let each = 0; each < 5 && sent < total; each++) void send(`r${sent++}`);
    await new Promise(setImmediate);
    await clock.advance(1);
  }
  const of = (status: number) => answers.filter((answer) => answer.status === status);
  return { failed: of(502), rejected: of(503), metric };
}

const window = { kind: 'count', size: 20 };

test.each<[string, object[]]>([
  ['', []],
  ['budget', [{ budget: { kind: 'finagle', ratio: 0.1, minPerSecond: 0 } }]],
  ['budget', [{ budget: { kind: 'grpc' } }]],
  ['budget', [{ budget: { kind: 'aws' } }]],
  ['breaker', [{ breaker: { window, failures: 20, openMs: 100 } }]],
  ['bulkhead', [{ bulkhead: { concurrency: 12 } }]],
  ['deadline', [{ deadline: {} }]],
])('retry -> %s %j: every request of which an attempt failed is answered 502', async (policy, policies) => {
  const { failed, rejected, metric } = await offer(...policies);
  expect(failed.length + rejected.length).toBe(total);
  expect(failed.filter(({ attempts }) => attempts === 0)).toEqual([]);
  expect(rejected.filter(({ attempts }) => attempts > 0)).toEqual([]);
  const cutShort = failed.filter(({ attempts }) => attempts < 3).length;
  expect(await metric(`spillway_refused_retries_total{policy="${policy}"}`)).toBe(cutShort);
  expect(cutShort > 0).toBe(policy !== '');
  expect(await metric('spillway_requests_total{outcome="failed"}')).toBe(failed.length);
  expect(await metric('spillway_requests_total{outcome="rejected"}')).toBe(rejected.length);
});
