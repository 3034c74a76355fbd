import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Control } from '#lab/control/control.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { Testbed } from '#lab/engine/testbed.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { stallLines } from '#lab/report/stalls.ts';
import { describeCheck } from '#lab/report/verdict.ts';
import { stallCheck } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { type Progress, run } from '#lab/run/run.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folders.ts';

const newFolder = folders();

/** A timer of Node may fire 1 ms early. */
const stopMs = 301;

interface Rig {
  readonly testbed: Testbed;
  readonly generator: ChildProcess;
  request(
    url: string | undefined,
    method: 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<unknown>;
  config(url: string): Promise<Record<string, unknown>>;
}

const experimentOf = (path: 'rpc' | 'event', hypothesis: string) =>
  countedExperiment({
    load: constant(100, 3000),
    drainMs: 5000,
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: onPath(path, 500) },
    hypothesis: [hypothesis],
    validity: {
      lagP99Ms: 1000,
      sleepExcessP99Ms: 1000,
      faultDelayMs: 60_000,
      reason: 'only stalls matter here',
    },
  });

/** Runs 300 requests in 3 s, and does something when 50 of them are offered. */
async function runWith(
  text: string,
  interfere: (rig: Rig) => Promise<unknown>,
  arrows: Parameters<typeof startLocal>[0]['arrows'] = [],
): Promise<Result> {
  let rig: Rig | undefined;
  let interference: Promise<unknown> | undefined;
  const startTestbed = async (logFolder: string) => {
    const testbed = await startLocal({ logFolder, arrows });
    const port = (url = '') => new Control('it', url, testbed.controlToken);
    const watch = testbed.guard.process.bind(testbed.guard);
    // The generator is the first that is started after the testbed.
    testbed.guard.process = (generator) => {
      rig ??= {
        testbed,
        generator,
        request: (url, method, path, body) => {
          const control = port(url);
          return control.request(method, path, body).finally(() => control.close());
        },
        config: (url) => {
          const control = port(url);
          return control.config().finally(() => control.close()) as Promise<Record<string, unknown>>;
        },
      };
      watch(generator);
    };
    return testbed;
  };
  const onProgress = (progress: Progress) => {
    if (progress.stage === 'run' && (progress.counts?.offered ?? 0) >= 50) interference ??= interfere(rig!);
  };
  const file = { experiment: parseExperiment(text, 'x.yaml'), name: 'x', file: 'x.yaml', source: text };
  const { signal } = new AbortController();
  const options = { folder: newFolder(), command: 'test', startTestbed, onProgress, signal };
  const result = await run(file, options);
  await interference;
  expect(interference).toBeDefined();
  expect(result.errors).toEqual([]);
  return result;
}

const failing = ({ validity }: Result) => validity.filter(({ ok }) => !ok);

const lengthOf = ({ variants: [it] }: Result, process: string) =>
  Math.max(
    0,
    ...it!.stalls!.filter((stall) => stall.process === process).map((stall) => stall.untilMs - stall.fromMs),
  );

test.concurrent('a generator that stood still for 300 ms makes a run invalid whose hypothesis depends on it', async () => {
  const result = await runWith(experimentOf('rpc', 'completed(it) == 300'), async ({ generator }) => {
    generator.kill('SIGSTOP');
    await setTimeout(stopMs);
    generator.kill('SIGCONT');
  });
  expect(result.hypotheses).toMatchObject([{ ok: true }]);
  expect([result.exitCode, failing(result).map(({ name }) => name)]).toEqual([90, [stallCheck]]);
  expect(describeCheck(failing(result)[0]!)).toMatch(/generator .*completed\(it\) == 300/);
  expect(lengthOf(result, 'generator')).toBeGreaterThanOrEqual(300);
});

test.concurrent('a consumer that stood still for 300 ms is reported where no hypothesis depends on it', async () => {
  const text = experimentOf('event', 'completed(it) > 50');
  const result = await runWith(text, async ({ testbed }) => {
    await testbed.pause('consumer');
    await setTimeout(stopMs);
    await testbed.resume('consumer');
  });
  expect([result.status, failing(result)]).toEqual(['held', []]);
  expect(lengthOf(result, 'consumer')).toBeGreaterThanOrEqual(300);
  expect(stallLines(result, result.variants[0]!)).toContainEqual(
    expect.stringMatching(/^consumer .*no hypothesis/),
  );
});

test.concurrent('a broker that stood still for 300 ms makes a run invalid whose hypothesis depends on it', async () => {
  const result = await runWith(experimentOf('event', 'completed(it) == 300'), async ({ testbed }) => {
    await testbed.pause('nats');
    await setTimeout(stopMs);
    await testbed.resume('nats');
  });
  expect([result.exitCode, failing(result).map(({ name }) => name)]).toEqual([90, [stallCheck]]);
  expect(describeCheck(failing(result)[0]!)).toMatch(/broker paused .*completed\(it\) == 300/);
  expect(lengthOf(result, 'broker')).toBeGreaterThanOrEqual(300);
});

test.concurrent.for<[string, (rig: Rig) => Promise<unknown>, RegExp]>([
  [
    'a configuration changed by hand',
    async ({ testbed, request, config }) => {
      const before = await config(testbed.control.gateway!);
      const policies = [{ timeout: { ms: 400 } }];
      await request(testbed.control.gateway, 'PUT', '/config', { ...before, policies });
    },
    /gateway has another policies\.timeout\.ms .*config of gateway/,
  ],
  [
    'a configuration changed by hand and changed back',
    async ({ testbed, request, config }) => {
      const { downstream } = testbed.control;
      const before = await config(downstream);
      await request(downstream, 'PUT', '/config', { ...before, idempotent: true });
      await request(downstream, 'PUT', '/config', before);
    },
    /2\s.*config of downstream/,
  ],
  [
    'a fault set by hand',
    async ({ testbed, request }) => {
      const fault = { kind: 'latency', added: { kind: 'fixed', ms: 5 } };
      await request(testbed.control.downstream, 'PUT', '/faults/hand', { leaseMs: 200, fault });
    },
    /1\s.*faults of downstream/,
  ],
  [
    'a toxic set by hand',
    async ({ testbed, request }) => {
      const toxic = { name: 'hand', type: 'latency', attributes: { latency: 5 } };
      const path = '/proxies/gateway-downstream/toxics';
      await request(testbed.netproxyUrl, 'POST', path, toxic);
      await request(testbed.netproxyUrl, 'DELETE', `${path}/hand`);
    },
    /2\s.*proxies of netproxy/,
  ],
])('%s during a run makes it invalid', async ([_what, interfere, finding]) => {
  const arrows = ['gateway->downstream'] as const;
  const result = await runWith(experimentOf('rpc', 'offered(it) == 300'), interfere, [...arrows]);
  expect([result.exitCode, failing(result).map(({ name }) => name)]).toEqual([90, ['changes by hand']]);
  expect(failing(result)[0]!.finding).toMatch(finding);
});
