import { spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, onTestFinished, test } from 'vitest';
import { countMessages, purgeStreams } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { isOfWarmUp } from '#kit/wire.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { engines } from '#lab/world/engines.ts';
import type { EngineOptions } from '#lab/world/testbed.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { measuredIn, valuesOf } from '#test/support/figures.ts';
import { listening } from '#test/support/listening.ts';
import { maySkip } from '#test/support/may-skip.ts';
import { runText } from '#test/support/run-text.ts';
import { send } from '#test/support/send.ts';
import { ownExample, sharedUp } from '#test/support/up.ts';

const up = sharedUp();

async function runAttached(options: EngineOptions, text: string): Promise<Result> {
  const result = await runAnyhow(options, text);
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  return result;
}

/** Runs an experiment and returns its result, even if the result is invalid. */
async function runAnyhow(options: EngineOptions, text: string): Promise<Result> {
  const engine = engines.attach(options);
  const result = await runText(text, engine.start);
  expect(result.errors).toEqual([]);
  return result;
}

const withVariants = (variants: object, failureRatio: number) =>
  countedExperiment({
    drainMs: 3000,
    load: constant(100, 300),
    downstream: { model: { kind: 'fixed', latencyMs: 5, failureRatio } },
    variants,
  });

/** Returns an example as text, with a short load. */
const example = (name: string) =>
  ownExample(name).replace(/ratePerSecond: \d+, forMs: 4000/, 'ratePerSecond: 150, forMs: 400');

/** Starts a program of test/fixtures/own in the gateway's place. Returns the options to attach to it. */
async function ownGateway(name: string): Promise<EngineOptions> {
  const { urls, natsCredentials, traffic, own } = await up();
  const port = await own(name, { DOWNSTREAM_URL: traffic.downstream });
  const { 'gateway-control': _, ...others } = urls;
  return {
    urls: { ...others, gateway: `http://127.0.0.1:${port}` },
    ownConsumer: false,
    natsCredentials,
  };
}

test("attach measures a user's own gateway", async () => {
  const result = await runAttached(
    await ownGateway('gateway.ts'),
    example('experiment').replace('hypothesis:', 'hypothesis:\n  - amplification(mine, 0..400ms) > 1'),
  );
  const [mine] = measuredIn(result);
  expect(mine?.failed).toBeGreaterThan(0);
  expect(mine!.ok + mine!.failed).toBe(mine?.offered);
  // Attempts of a request have different draws, although this gateway doesn't number them: some retries succeed.
  expect(mine?.retries).toBe(mine!.attempts - mine!.offered);
  expect(mine?.amplification).toBeGreaterThan(1);
  expect(mine?.config.gateway).toBe('not Spillway’s');
  // Downstream counts the attempts of each request, so the attempts of a window are known, too.
  expect(valuesOf(result, 'mine', '0..400ms').attempts).toBe(mine?.attempts);
  expect(mine?.ledger.balanced).toBe(true);
  expect(mine?.ledger.checks.map(({ note }) => note)).toContain(
    "gateway is not Spillway's and counts nothing: not compared",
  );
});

test("attach measures a user's own consumer, which handles four events at a time in spite of failures", async () => {
  const { urls, natsCredentials, natsUrl, traffic, control, own, consumerLoginFile } = await up();
  await own('consumer.ts', {
    NATS_URL: natsUrl,
    NATS_CREDENTIALS_FILE: consumerLoginFile,
    DOWNSTREAM_URL: traffic.downstream,
  });
  const { 'consumer-control': _, ...others } = urls;
  const put = (config: object) => send('PUT', `${control.consumer}/config`, config);
  await put({ paused: true });
  onTestFinished(async () => void (await put({})));
  const faults = `
faults: [{ name: reset, target: downstream, atMs: 100, forMs: 200, fault: { kind: reset, ratio: 0.3 } }]
`;
  const result = await runAttached(
    { urls: others, ownConsumer: true, natsCredentials },
    `${example('events').replace('latencyMs: 10', 'latencyMs: 20')}${faults}`,
  );
  const [mine] = measuredIn(result);
  expect(mine?.peakInFlight).toBeOneOf([2, 3, 4]);
  expect(mine!.ok + mine!.late).toBe(60);
  expect(mine?.audited).toBe(0);
  expect(mine?.lost).toBe(0);
  expect(mine?.amplification).toBeGreaterThan(1);
  expect(mine?.ledger.balanced).toBe(true);
});

/** Starts a server that lets `answer` answer each request. Resolves with its base URL. */
async function serve(
  answer: (request: IncomingMessage, body: string, reply: ServerResponse) => Promise<void>,
): Promise<string> {
  const server = createServer(async (request, reply) => {
    const body = Buffer.concat(await request.toArray()).toString();
    await answer(request, body, reply);
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

test('attach keeps the ledger balanced where a service works on for the warm-up and for disconnected callers, and calls the run invalid', async () => {
  const { urls, natsCredentials, traffic, control } = await up();
  const work = (id: string) => send('POST', `${traffic.downstream}/work`, { id });
  const cutOff: string[] = [];
  const gateway = await serve(async ({ socket }, body, reply) => {
    const { id } = JSON.parse(body);
    if (id === 'r0' || id === 'r1') return; // no answer, so both requests are open until the drain is over
    if (isOfWarmUp(id) && Number(id.slice(1)) % 4 === 0) {
      cutOff.push(id);
      socket.destroy();
      return;
    }
    const left = isOfWarmUp(id) ? [] : cutOff.splice(0);
    const [status] = await Promise.all([id, ...left].map(async (each) => (await work(each)).status));
    reply.writeHead(status!).end();
  });
  // During the audit, downstream completes the work of a caller that has disconnected.
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
  const result = await runAnyhow(
    { urls: { ...others, gateway, 'downstream-control': audited }, ownConsumer: false, natsCredentials },
    withVariants({ mine: { path: 'rpc', policies: [] } }, 0),
  );
  expect(result.status).toBe('invalid');
  expect(result.validity.filter(({ ok }) => !ok)).toMatchObject([
    { name: 'warm-up requests without an end' },
  ]);
  const [mine] = measuredIn(result);
  const { ok, late, unknown } = mine!;
  // On a slow machine more than r0 and r1 may be open when the drain ends.
  expect(unknown).toBeGreaterThanOrEqual(2);
  expect(ok + late + unknown).toBe(30);
  expect(mine?.effects).toBeGreaterThan(ok + late);
  expect(mine?.duplicates).toBe(0);
  expect(mine?.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(mine?.ledger.checks.map(({ note }) => note)).toContainEqual(
    expect.stringMatching(/^\d+ more are of the warm-up$/),
  );
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test("attach judges a run with Python's server, HTTP/1.0 and one connection at a time", async ({ skip }) => {
  if (!hasPython && maySkip()) skip('python3 is not installed');
  const result = await runAttached(await ownGateway('gateway.py'), example('stock'));
  // On a busy machine a call may fail, but each call gets an answer.
  expect(measuredIn(result)).toMatchObject([{ offered: 60, unknown: 0, ledger: { balanced: true } }]);
});

/** Returns functions that inspect the broker of a running testbed, and attach runs to the testbed. */
async function attached() {
  const { urls, configs, natsUrl, natsCredentials } = await up();
  const broker = await connectBroker(natsUrl, 'test', natsCredentials);
  onTestFinished(() => broker.close());
  const { streams } = await jetstreamManager(broker);
  return {
    counts: () => countMessages(broker),
    /** Resolves with the creation time and the limit of messages of each stream. */
    made: () =>
      Promise.all(
        [names.stream, names.deadLetters].map(async (name) => {
          const { created, config } = await streams.info(name);
          return { created, bound: config.max_msgs };
        }),
      ),
    configs,
    /** Stores a dead letter that no run has published. */
    hold: async () => {
      await jetstream(broker).publish('dlq.WORK.1', 'x');
      onTestFinished(() => purgeStreams(broker));
    },
    attach: (variants: object) =>
      runText(
        withVariants(variants, 0.3),
        engines.attach({ urls, ownConsumer: false, natsCredentials }).start,
      ),
  };
}

const rpc = { path: 'rpc', policies: [] };
const event = {
  path: 'event',
  policies: [],
  stream: { maxPending: 77 },
  consumer: { redelivery: { maxRetries: 0 } },
};

test('attach refuses events while the broker holds messages, and changes nothing, also without events', async () => {
  const { hold, counts, made, configs, attach } = await attached();
  await hold();
  const before = [await counts(), await made(), await configs()];
  const { status, errors } = await attach({ rpc, event });
  expect(status).toBe('error');
  expect(errors).toMatchObject([
    { name: 'streams-in-use', message: expect.stringMatching(/ 0 in WORK and 1 in DLQ.* dlq redrive/) },
  ]);
  expect([await counts(), await made(), await configs()]).toEqual(before);
  const second = await attach({ rpc });
  expect([second.errors, measuredIn(second)[0]?.offered]).toEqual([[], 30]);
  expect([await counts(), await made(), await configs()]).toEqual(before);
});

test('attach leaves streams as empty as it found them', async () => {
  const { counts, made, attach } = await attached();
  const [work] = await made();
  const result = await attach({ event });
  expect(result.errors).toEqual([]);
  expect(measuredIn(result)[0]?.dead).toBeGreaterThan(0);
  expect(await counts()).toEqual([0, 0]);
  expect((await made())[0]?.bound).toBe(work?.bound);
});
