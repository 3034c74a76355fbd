import { describe, expect, test } from 'vitest';
import { gateway } from '#gateway/gateway.ts';
import { type Posted, UpstreamError } from '#kit/http-client/posted.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { hold, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

const ok = '{"done":true}';
const failed = new UpstreamError(500, 'downstream answered 500');

type Attempt = Posted & { end: (how: string | Error) => void };

/** Creates a gateway on virtual time. The test ends the attempts at its upstream. `made` is called for each attempt. */
async function rig(policies: object[] = [], made?: (attempt: Attempt, clock: VirtualClock) => void) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const attempts: Attempt[] = [];
  const upstream = {
    post: (posted: Posted) =>
      new Promise<string>((resolve, reject) => {
        const end = (how: string | Error) => (how instanceof Error ? reject(how) : resolve(how));
        attempts.push({ ...posted, end });
        made?.(attempts.at(-1)!, clock);
      }),
    unreachable: async () => 'downstream does not answer',
    close: async () => undefined,
  } as unknown as Upstream;
  const service = await gateway({ log: silent, metrics, upstream, clock, initial: { policies } });
  const held = hold(service);
  await service.traffic!.ready();
  return {
    ...held,
    clock,
    attempts,
    send: (body: object, headers = {}) =>
      service.traffic!.inject({ method: 'POST', url: '/rpc', headers, body }).then((response) => response),
    /** Waits until the gateway makes the attempt with this index. */
    made: (index: number) => until(() => attempts[index], `attempt ${index}`),
  };
}

test('an answer is passed on, and says how many attempts it took', async () => {
  const { send, made, clock, metric } = await rig([{ retry: { backoff: { kind: 'constant', delayMs: 5 } } }]);
  const response = send({ id: 'r1', payload: { deep: [1] } });
  (await made(0)).end(failed);
  await until(() => clock.pending === 1);
  await clock.run();
  const second = await made(1);
  expect(second).toMatchObject({ id: 'r1', attempts: 2, body: '{"id":"r1","payload":{"deep":[1]}}' });
  second.end(ok);
  const { statusCode, headers, body } = await response;
  expect([statusCode, headers['x-attempt'], body]).toEqual([200, '2', ok]);
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(await metric('spillway_requests_total{outcome="ok"}')).toBe(1);
  expect(await metric('spillway_attempts_total{result="ok"}')).toBe(1);
  expect(await metric('spillway_attempts_total{result="failed"}')).toBe(1);
});

describe('a failure is answered with a status for the caller', () => {
  test.each([
    ['downstream failed', failed, 502, 'downstream', 'failed'],
    ['downstream broke the connection', new UpstreamError(0, 'broken'), 502, 'downstream', 'failed'],
    ['a bug', new TypeError('a bug'), 500, 'internal', 'failed'],
  ])('%s', async (_sentence, error, status, type, outcome) => {
    const { send, made, metric } = await rig();
    const response = send({ id: 'r1' });
    (await made(0)).end(error);
    const { statusCode, headers, json } = await response;
    expect([statusCode, json().type, headers['x-attempt']]).toEqual([status, `urn:spillway:${type}`, '1']);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(json().detail).toBe(error.message);
    expect(await metric(`spillway_requests_total{outcome="${outcome}"}`)).toBe(1);
    expect(await metric('spillway_requests_total{outcome="ok"}')).toBe(0);
    expect(await metric('spillway_requests_in_flight')).toBe(0);
  });

  test('an open breaker, which says when to come again, in whole seconds and not too early', async () => {
    const { send, made, clock } = await rig([
      { breaker: { window: { kind: 'count', size: 1 }, failures: 1, openMs: 1500 } },
    ]);
    const first = send({ id: 'r1' });
    (await made(0)).end(failed);
    expect((await first).statusCode).toBe(502);
    const early = await send({ id: 'r2' });
    expect([early.statusCode, early.json().type]).toEqual([503, 'urn:spillway:breaker']);
    expect(early.headers['retry-after']).toBe('2');
    await clock.advance(600);
    expect((await send({ id: 'r3' })).headers['retry-after']).toBe('1');
  });
});

describe('the pipeline is replaced at run time', () => {
  const narrow = [{ bulkhead: { concurrency: 1, queue: 0 } }];

  test('as a whole: requests under way end by the old one, new ones begin with the new one and its fresh state', async () => {
    const breaker = { window: { kind: 'count', size: 1 }, failures: 1 };
    const { send, made, put, clock } = await rig([{ timeout: { ms: 120 } }, { breaker }]);
    const before = send({ id: 'r1' });
    await made(0);
    const opening = send({ id: 'r2' });
    (await made(1)).end(failed);
    await opening;
    expect((await put({ policies: [{ breaker }] })).statusCode).toBe(200);
    const after = send({ id: 'r3' });
    (await made(2)).end(ok);
    expect((await after).statusCode).toBe(200);
    await clock.advance(120);
    expect((await before).statusCode).toBe(504);
  });

  test.each([
    ['an unknown policy', [{ retries: {} }]],
    ['a contradiction', [{ retry: { backoff: { kind: 'exponential', baseMs: 50, capMs: 40 } } }]],
  ])('and stays as it was when the new one has %s', async (_sentence, policies) => {
    const { send, made, put, control } = await rig(narrow);
    const before = (await control.inject('/config')).json();
    const response = await put({ policies });
    expect([response.statusCode, response.json().problems.length]).toEqual([400, 1]);
    expect(response.json().problems[0].pointer).toMatch(/^\/policies\/\d\/retr/);
    expect((await control.inject('/config')).json()).toEqual(before);
    const first = send({ id: 'r1' });
    const { end } = await made(0);
    expect((await send({ id: 'r2' })).statusCode).toBe(503);
    end(ok);
    await first;
  });
});

test('requests in flight are counted until they are answered', async () => {
  const { send, made, metric } = await rig();
  const responses = [send({ id: 'r1' }), send({ id: 'r2' })];
  const attempts = [await made(0), await made(1)];
  expect(await metric('spillway_requests_in_flight')).toBe(2);
  for (const { end } of attempts) end(ok);
  await Promise.all(responses);
  expect(await metric('spillway_requests_in_flight')).toBe(0);
});

test('the gateway is not ready while downstream does not answer', async () => {
  const { control } = await rig();
  const response = await control.inject('/readyz');
  expect([response.statusCode, response.json().detail]).toEqual([503, 'downstream does not answer']);
});

const total = 100;
const retrying = (budget?: object) => ({
  retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 20 }, ...(budget && { budget }) },
});
const retry = retrying();

/** Sends 100 requests, 5 each ms, to an upstream that answers each attempt with 500 after 3 ms. */
async function offer(...policies: object[]) {
  const { clock, metric, send } = await rig(policies, ({ end }, clock) => {
    clock.after(3, () => end(new UpstreamError(500, 'downstream answered 500')));
  });
  const answers: { status: number; attempts: number }[] = [];
  const offerOne = async (id: string) => {
    const { statusCode, headers } = await send({ id }, { 'x-timeout-ms': '15' });
    answers.push({ status: statusCode, attempts: Number(headers['x-attempt']) });
  };
  for (let sent = 0; answers.length < total; ) {
    for (let each = 0; each < 5 && sent < total; each++) void offerOne(`r${sent++}`);
    await new Promise(setImmediate);
    await clock.advance(1);
  }
  const of = (status: number) => answers.filter((answer) => answer.status === status);
  return { failed: of(502), rejected: of(503), metric };
}

const window = { kind: 'count', size: 20 };

test.each<[string, object[]]>([
  ['', [retry]],
  ['budget', [retrying({ kind: 'finagle', ratio: 0.1, minPerSecond: 0 })]],
  ['budget', [retrying({ kind: 'grpc' })]],
  ['budget', [retrying({ kind: 'aws' })]],
  ['breaker', [retry, { breaker: { window, failures: 20, openMs: 100 } }]],
  ['bulkhead', [retry, { bulkhead: { concurrency: 12 } }]],
  ['deadline', [retry, { deadline: {} }]],
])('%s %j: every request of which an attempt failed is answered 502', async (policy, policies) => {
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
