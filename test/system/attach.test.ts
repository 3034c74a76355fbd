import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { engines } from '#lab/engine/engines.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { EngineOptions } from '#lab/engine/options.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { startChild } from '#lab/process/child.ts';
import type { Result } from '#lab/result.ts';
import { run } from '#lab/run/run.ts';
import { testFolder } from '#test/support/folder.ts';

/** A testbed that is up, and a way to start programs of a user's beside it. */
async function up() {
  const folder = testFolder();
  const testbed = await startLocal({ logFolder: folder });
  onTestFinished(() => testbed.stop());
  const { control, traffic, natsUrl } = testbed;
  return {
    ...testbed,
    control,
    traffic,
    natsUrl,
    urls: {
      gateway: traffic.gateway,
      publisher: traffic.publisher,
      nats: natsUrl,
      'downstream-control': control.downstream,
      'gateway-control': control.gateway,
      'publisher-control': control.publisher,
      'consumer-control': control.consumer,
    },
    /** Resolves with the port that it says, or 0. */
    async own(name: string, env: Record<string, string>): Promise<number> {
      const file = fileURLToPath(new URL(`../fixtures/own/${name}.ts`, import.meta.url));
      const { ports, stop } = await startChild({
        name,
        file: process.execPath,
        args: [file],
        env,
        logFile: join(folder, `own-${name}.log`),
        ready: (line) => ({ traffic: Number(/\d+$/.exec(line)?.[0] ?? 0) }),
      });
      onTestFinished(stop);
      return ports.traffic!;
    },
  };
}

async function runAttached(options: EngineOptions, text: string): Promise<Result> {
  const engine = engines.attach(options);
  const file = { experiment: parseExperiment(text, 'own.yaml'), name: 'own', file: 'own.yaml', source: text };
  const result = await run(file, {
    folder: testFolder(),
    command: 'test',
    startTestbed: engine.start,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  expect(result.errors).toEqual([]);
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  return result;
}

const withVariants = (variants: string) => `
title: Somebody's own
seed: 3
deadlineMs: 1000
drainMs: 3000
connections: 200
warmup: { requests: 100, concurrency: 20 }
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 2000 } }]
downstream: { model: { kind: fixed, latencyMs: 5, failureRatio: 0.3 } }
variants:
${variants}
validity: { lagP99Ms: 1000, sleepExcessP99Ms: 1000, reason: counts are compared here and no times }
`;

const configOf = async (control: string) => (await fetch(`${control}/config`)).json();

test('attach measures a testbed that is up as it would its own, and leaves it as it was', async () => {
  const { urls, control } = await up();
  const before = await Promise.all(Object.values(control).map(configOf));
  const { variants } = await runAttached(
    { urls, ownConsumer: false },
    withVariants(`
  rpc: { path: rpc, policies: [{ retry: { maxRetries: 5 } }] }
  event: { path: event, policies: [], consumer: { redelivery: { maxRetries: 5 } } }`),
  );
  expect(variants).toHaveLength(2);
  for (const variant of variants) {
    expect(variant.outcomes.ok).toBeGreaterThan(190);
    expect(variant.amplification).toBeGreaterThan(1.2);
    expect(variant.ledger.checks.filter(({ note }) => note !== '')).toEqual([]);
  }
  expect(await Promise.all(Object.values(control).map(configOf))).toEqual(before);
});

test("attach measures a service of the user's own in the gateway's place", async () => {
  const { urls, traffic, own } = await up();
  const port = await own('gateway', { DOWNSTREAM_URL: traffic.downstream });
  const { 'gateway-control': _, ...others } = urls;
  const text = readFileSync(new URL('../fixtures/own/experiment.yaml', import.meta.url), 'utf8');
  const { status, variants } = await runAttached(
    { urls: { ...others, gateway: `http://127.0.0.1:${port}` }, ownConsumer: false },
    text,
  );
  expect(status).toBe('held');
  const [mine] = variants;
  expect(mine?.outcomes.failed).toBeGreaterThan(0);
  expect(mine!.outcomes.ok + mine!.outcomes.failed).toBe(mine?.offered);
  // Each try meets luck of its own, though nobody numbers them.
  expect(mine?.retries).toBe(mine!.attempts - mine!.offered);
  expect(mine?.amplification).toBeGreaterThan(1.2);
  expect(mine?.config.gateway).toBe('not Spillway’s');
  expect(mine?.ledger.balanced).toBe(true);
  expect(mine?.ledger.checks.map(({ note }) => note)).toContain(
    "gateway is not Spillway's and counts nothing: not compared",
  );
});

test("attach measures a consumer of the user's own in the place of Spillway's", async () => {
  const { urls, natsUrl, traffic, control, own } = await up();
  await own('consumer', { NATS_URL: natsUrl, DOWNSTREAM_URL: traffic.downstream });
  const { 'consumer-control': _, ...others } = urls;
  const put = (config: object) =>
    fetch(`${control.consumer}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(config),
    });
  await put({ paused: true });
  const { variants } = await runAttached(
    { urls: others, ownConsumer: true },
    withVariants('  mine: { path: event, policies: [] }'),
  );
  const [mine] = variants;
  expect(mine?.outcomes.ok).toBe(200);
  expect(mine?.recovered).toBe(0);
  expect(mine?.lost).toBe(0);
  expect(mine?.amplification).toBeGreaterThan(1.2);
  expect(mine?.ledger.balanced).toBe(true);
});
