import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isOfWarmUp } from '#kit/wire.ts';
import type { Result } from '#lab/result/result.ts';
import { engines } from '#lab/testbed/engines.ts';
import type { EngineOptions } from '#lab/testbed/testbed.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { runText } from '#test/support/run-text.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();

async function runAttached(options: EngineOptions, text: string): Promise<Result> {
  const result = await runAnyhow(options, text);
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  return result;
}

/** Runs an experiment and returns its result, valid or not. */
async function runAnyhow(options: EngineOptions, text: string): Promise<Result> {
  const engine = engines.attach(options);
  const result = await runText(text, engine.start);
  expect(result.errors).toEqual([]);
  return result;
}

const withVariants = (variants: object, { drainMs = 3000, failureRatio = 0.3 } = {}) =>
  countedExperiment({
    drainMs,
    load: constant(200, 1000),
    downstream: { model: { kind: 'fixed', latencyMs: 5, failureRatio } },
    variants,
  });

const configOf = async (control: string) => (await fetch(`${control}/config`)).json();

test('attach measures a testbed that is up as it would its own, and leaves it as it was', async () => {
  const { urls, natsCredentials, control } = await up();
  const before = await Promise.all(Object.values(control).map(configOf));
  const { variants } = await runAttached(
    { urls, ownConsumer: false, natsCredentials },
    withVariants({
      rpc: { path: 'rpc', policies: [{ retry: { maxRetries: 5 } }] },
      event: { path: 'event', policies: [], consumer: { redelivery: { maxRetries: 5 } } },
    }),
  );
  expect(variants).toHaveLength(2);
  for (const variant of variants) {
    expect(variant.outcomes.ok).toBeGreaterThan(190);
    expect(variant.amplification).toBeGreaterThan(1.2);
    expect(variant.ledger.checks.filter(({ note }) => note !== '')).toEqual([]);
  }
  expect(await Promise.all(Object.values(control).map(configOf))).toEqual(before);
});

/** The text of an example, sooner over, and with time for a busy machine, since counts are compared here. */
const ownExperiment = (name: string) =>
  readFileSync(new URL(`../fixtures/own/${name}.yaml`, import.meta.url), 'utf8')
    .replace(/(lagP99Ms|sleepExcessP99Ms|stallMs): 50$/gm, '$1: 5000')
    .replace('hypothesis:', 'hypothesis:\n  - amplification(mine, 0..1500ms) > 1.2')
    .replace(/ratePerSecond: \d+, forMs: 4000/, 'ratePerSecond: 150, forMs: 1500')
    .replace(/deadlineMs: .*$/m, 'deadlineMs: 10000')
    .replace(/drainMs: .*$/m, 'drainMs: 10000');

test("attach measures a user's own gateway", async () => {
  const { urls, natsCredentials, traffic, own } = await up();
  const port = await own('gateway.ts', { DOWNSTREAM_URL: traffic.downstream });
  const { 'gateway-control': _, ...others } = urls;
  const text = ownExperiment('experiment');
  const { status, variants } = await runAttached(
    { urls: { ...others, gateway: `http://127.0.0.1:${port}` }, ownConsumer: false, natsCredentials },
    text,
  );
  expect(status).toBe('held');
  const [mine] = variants;
  expect(mine?.outcomes.failed).toBeGreaterThan(0);
  expect(mine!.outcomes.ok + mine!.outcomes.failed).toBe(mine?.offered);
  // Each attempt has its own draw, though the gateway doesn't number them.
  expect(mine?.retries).toBe(mine!.attempts - mine!.offered);
  expect(mine?.amplification).toBeGreaterThan(1.2);
  expect(mine?.config.gateway).toBe('not Spillway’s');
  // Downstream counts them by request, so windows have them, too.
  expect(mine?.windows).toMatchObject([{ unreported: 0, attempts: mine!.attempts }]);
  expect(mine?.ledger.balanced).toBe(true);
  expect(mine?.ledger.checks.map(({ note }) => note)).toContain(
    "gateway is not Spillway's and counts nothing: not compared",
  );
});

test("attach measures a user's own consumer, which works on four events at a time whatever fails", async () => {
  const { urls, natsCredentials, natsUrl, traffic, control, own, consumerLoginFile } = await up();
  await own('consumer.ts', {
    NATS_URL: natsUrl,
    NATS_CREDENTIALS_FILE: consumerLoginFile,
    DOWNSTREAM_URL: traffic.downstream,
  });
  const { 'consumer-control': _, ...others } = urls;
  const put = (config: object) =>
    fetch(`${control.consumer}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(config),
    });
  await put({ paused: true });
  onTestFinished(async () => void (await put({})));
  const engine = { urls: others, ownConsumer: true, natsCredentials };
  const { variants } = await runAttached(
    engine,
    countedExperiment({
      drainMs: 10_000,
      load: constant(200, 1000),
      downstream: { model: { kind: 'fixed', latencyMs: 20, failureRatio: 0.3 } },
      faults: [
        {
          name: 'reset',
          atMs: 200,
          forMs: 600,
          target: 'downstream',
          fault: { kind: 'reset', ratio: 0.3 },
        },
      ],
      variants: { mine: { path: 'event', policies: [] } },
    }),
  );
  const [mine] = variants;
  expect(mine?.peakInFlight).toBe(4);
  expect(mine!.outcomes.ok + mine!.outcomes.late).toBe(200);
  expect(mine?.recovered).toBe(0);
  expect(mine?.lost).toBe(0);
  expect(mine?.amplification).toBeGreaterThan(1.2);
  expect(mine?.ledger.balanced).toBe(true);
  expect((await runAttached(engine, ownExperiment('events'))).status).toBe('held');
});

/** A server of the test's own that gives each request to `answer`; resolves with its base URL. */
async function serve(
  answer: (request: IncomingMessage, body: string, reply: ServerResponse) => Promise<void>,
): Promise<string> {
  const server = createServer(async (request, reply) => {
    const body = Buffer.concat(await request.toArray()).toString();
    await answer(request, body, reply);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });

test('attach keeps the ledger balanced where a service works on for the warm-up and for disconnected callers, and calls the run invalid', async () => {
  const { urls, natsCredentials, traffic, control } = await up();
  const work = (id: string) => post(`${traffic.downstream}/work`, JSON.stringify({ id }));
  const cutOff: string[] = [];
  const gateway = await serve(async ({ socket }, body, reply) => {
    const { id } = JSON.parse(body);
    if (id === 'r0' || id === 'r1') return; // without an answer until the drain is over
    if (isOfWarmUp(id) && Number(id.slice(1)) % 4 === 0) {
      cutOff.push(id);
      socket.destroy();
      return;
    }
    const left = isOfWarmUp(id) ? [] : cutOff.splice(0);
    const [status] = await Promise.all([id, ...left].map(async (each) => (await work(each)).status));
    reply.writeHead(status!).end();
  });
  // While the witnesses report one after the other, work of disconnected callers completes.
  const audited = await serve(async ({ method, url }, body, reply) => {
    const isAudit = method === 'GET' && url === '/effects';
    if (isAudit) await work('r0');
    const answer = await fetch(`${control.downstream}${url}`, {
      method: method!,
      ...(body && { headers: { 'content-type': 'application/json' }, body }),
    });
    const text = await answer.text();
    if (isAudit) await work('r1');
    reply.writeHead(answer.status).end(answer.status === 204 ? undefined : text);
  });
  const { 'gateway-control': _, ...others } = urls;
  const { status, validity, variants } = await runAnyhow(
    { urls: { ...others, gateway, 'downstream-control': audited }, ownConsumer: false, natsCredentials },
    // With time for a busy machine to do the other 198.
    withVariants({ mine: { path: 'rpc', policies: [] } }, { drainMs: 5000, failureRatio: 0 }),
  );
  expect(status).toBe('invalid');
  expect(validity.filter(({ ok }) => !ok)).toMatchObject([
    { name: 'warm-up requests without an end', measured: 100 },
  ]);
  const [mine] = variants;
  const { ok, late, unknown } = mine!.outcomes;
  expect({ done: ok + late, unknown }).toEqual({ done: 198, unknown: 2 });
  expect(mine?.effects).toEqual({ distinct: 199, duplicates: 0, wasted: 0 });
  expect(mine?.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(mine?.ledger.checks.map(({ note }) => note)).toContain('100 more are of the warm-up');
});
