import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, type TestContext, test, vi } from 'vitest';
import { names } from '#kit/broker.ts';
import { loginOf } from '#kit/login.ts';
import type { MetricName } from '#kit/metrics.ts';
import type { Engine } from '#lab/engine/engines.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { ServiceName, Testbed } from '#lab/engine/testbed.ts';
import * as proc from '#lab/process/proc.ts';
import type { Result } from '#lab/result/result.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folders.ts';
import { runText } from '#test/support/run-text.ts';
import { until } from '#test/support/until.ts';

const newFolder = folders();
type Finished = TestContext['onTestFinished'];
vi.mock('#lab/process/proc.ts', { spy: true });

interface Sabotage {
  readonly tamper?: (testbed: Testbed, folder: string) => unknown;
  readonly fault?: object;
  readonly target?: string;
  readonly lagP99Ms?: number;
  readonly loadMs?: number;
}

/** Runs 100 requests a second, for 2 s unless told otherwise, on a testbed that is tampered with, with a fault among them. */
async function runOn(sabotage: Sabotage): Promise<Result> {
  const { tamper, fault, target = 'downstream', lagP99Ms = 2000, loadMs = 2000 } = sabotage;
  const folder = newFolder();
  const start: Engine['start'] = async (logFolder) => {
    const testbed = await startLocal({ logFolder });
    await tamper?.(testbed, folder);
    return testbed;
  };
  const experiment = countedExperiment({
    load: constant(100, loadMs),
    drainMs: 5000,
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: onPath('event', 500) },
    faults: fault ? [{ name: 'f', atMs: 500, forMs: 500, target, fault }] : [],
    validity: {
      lagP99Ms,
      stallMs: 2000,
      sleepExcessP99Ms: 1000,
      faultDelayMs: 60_000,
      reason: 'each test is about one of them',
    },
    hypothesis: ['lost(it) == 0'],
  });
  return await runText(experiment, start, { folder });
}

/** Puts a server before a service's control port that answers for it where `instead` says what. */
async function answering(
  testbed: Testbed,
  service: ServiceName,
  onTestFinished: Finished,
  instead: (method: string, path: string, answer: () => Promise<string>) => Promise<string>,
): Promise<void> {
  const url = testbed.control[service];
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '' } = request;
    const { 'content-type': type } = request.headers;
    const sent = type === undefined ? {} : { body: await text(request), headers: { 'content-type': type } };
    const answer = async () => (await fetch(url + path, { method, ...sent })).text();
    response.end(await instead(method, path, answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  Object.defineProperty(testbed, 'control', {
    value: { ...testbed.control, [service]: `http://127.0.0.1:${port}` },
  });
}

const missed = ({ errors, validity }: Result) => [
  ...errors.map(({ message }) => message),
  ...validity.filter(({ ok }) => !ok).map(({ name }) => name),
];

/** The checks of the ledger that fail. */
const contradictions = ({ variants: [it] }: Result) =>
  it!.ledger.checks.filter(({ ok }) => !ok).map(({ name }) => name);

const recordOfIt = 'variants/it/requests.csv';

const withoutLastLine = (text: string) => text.replace(/.*\n$/, '');

const dropLastLine = async (file: string) =>
  await writeFile(file, withoutLastLine(await readFile(file, 'utf8')));

type Tamper = (testbed: Testbed, onTestFinished: Finished, folder: string) => unknown;

/** Has a service count of every hundred only 99. */
const miscounting =
  (service: ServiceName, metric: MetricName): Tamper =>
  (testbed, onTestFinished) =>
    answering(testbed, service, onTestFinished, async (_method, path, answer) => {
      const counts = new RegExp(`^(${metric}.*) (\\d+)$`, 'gm');
      const less = (_line: string, series: string, count: string) =>
        `${series} ${Number(count) - Math.floor(Number(count) / 100)}`;
      return path.startsWith('/metrics') ? (await answer()).replaceAll(counts, less) : await answer();
    });

test.concurrent.for<[string, Tamper, string]>([
  [
    'an effect log that has lost a line',
    (testbed, onTestFinished) =>
      answering(testbed, 'downstream', onTestFinished, async (method, path, answer) => {
        const lines = await answer();
        return method === 'GET' && path === '/effects' ? withoutLastLine(lines) : lines;
      }),
    'every ok or late request has an effect',
  ],
  [
    'a record of the generator that has lost a line',
    (testbed, onTestFinished, folder) =>
      answering(testbed, 'downstream', onTestFinished, async (method, path, answer) => {
        // It is asked for when the generator is done, and before the record is read.
        if (method === 'GET' && path === '/effects') await dropLastLine(join(folder, recordOfIt));
        return await answer();
      }),
    'every offered request has one outcome',
  ],
  [
    'a consumer that counts too few of its attempts',
    miscounting('consumer', 'spillway_attempts_total'),
    'downstream saw no attempt that its caller did not make',
  ],
])('%s makes the run invalid', async ([_what, tamper, contradiction], { onTestFinished }) => {
  const result = await runOn({ tamper: (testbed, folder) => tamper(testbed, onTestFinished, folder) });
  expect([result.status, missed(result)]).toEqual(['invalid', ['ledger differences']]);
  expect(contradictions(result)).toContain(contradiction);
});

test.concurrent('an accepted event that the broker loses is found to be lost', async () => {
  // While the consumer stands still, what comes last waits in the stream.
  const losing = (testbed: Testbed) => {
    const resume = testbed.resume.bind(testbed);
    testbed.resume = async (name) => {
      await loseLastEvent(testbed);
      await resume(name);
    };
  };
  // Long enough that more come after a late pause than the consumer has fetched ahead.
  const loadMs = 6000;
  const result = await runOn({ tamper: losing, fault: { kind: 'pause' }, target: 'consumer', loadMs });
  expect(result.variants).toMatchObject([{ lost: 1, outcomes: { pending: 1 } }]);
  expect(result.hypotheses).toMatchObject([{ text: 'lost(it) == 0', ok: false, left: 1 }]);
  expect([result.status, missed(result)]).toEqual(['invalid', ['ledger differences']]);
  expect(contradictions(result)).toEqual(['no accepted event is lost']);
});

/** Deletes the last event of the work stream, once there is one that has not been delivered. */
async function loseLastEvent({ natsUrl, natsCredentials }: Testbed): Promise<void> {
  const connection = await connect({ servers: natsUrl, ...loginOf(natsCredentials) });
  try {
    const { streams, consumers } = await jetstreamManager(connection);
    await until(async () => (await consumers.info(names.stream, names.consumer)).num_pending > 0);
    const { state } = await streams.info(names.stream);
    await streams.deleteMessage(names.stream, state.last_seq);
  } finally {
    await connection.close();
  }
}

test.concurrent('a generator that stands still for half a second makes the run invalid', async () => {
  // The fault strikes the generator instead of downstream.
  const misdirect = (testbed: Testbed) => {
    const watch = testbed.guard.process.bind(testbed.guard);
    let generator: ChildProcess | undefined;
    // It is the first that is started after the testbed.
    testbed.guard.process = (child) => {
      generator ??= child;
      watch(child);
    };
    Object.assign(testbed, {
      async pause() {
        generator!.kill('SIGSTOP');
        await setTimeout(600); // also where it begins late
      },
      resume: async () => void generator!.kill('SIGCONT'),
    });
  };
  const result = await runOn({ tamper: misdirect, fault: { kind: 'pause' }, lagP99Ms: 400 });
  expect([result.status, missed(result)]).toEqual(['invalid', ['send lag p99']]);
});

test.concurrent('a fault that downstream was asked for and does not list ends the run', async ({
  onTestFinished,
}) => {
  const deaf = (testbed: Testbed) =>
    answering(testbed, 'downstream', onTestFinished, async (_method, path, answer) =>
      path.startsWith('/faults') ? '[]' : await answer(),
    );
  const { status, errors } = await runOn({ tamper: deaf, fault: { kind: 'failure', ratio: 1 } });
  expect([status, errors]).toMatchObject([
    'error',
    [{ name: 'fault-failed', message: 'the fault f did not take' }],
  ]);
});

test.concurrent('a fault that downstream lists and does not bring about makes the run invalid', async ({
  onTestFinished,
}) => {
  const inert = (testbed: Testbed) =>
    answering(testbed, 'downstream', onTestFinished, async (method, path, answer) => {
      if (!path.startsWith('/faults')) return await answer();
      return method === 'PUT' ? '[{"name":"f"}]' : '[]';
    });
  const result = await runOn({ tamper: inert, fault: { kind: 'failure', ratio: 1 } });
  expect([result.status, missed(result)]).toEqual(['invalid', ['faults that struck nobody']]);
});

test.each([
  ['is paused and goes on', false, 'downstream goes on 5 s after SIGSTOP'],
  ['is resumed and stands still', true, 'downstream stands still 5 s after SIGCONT'],
])('a process that %s ends the run', async (_what, isStopped, message) => {
  vi.mocked(proc.isStopped).mockReturnValue(isStopped);
  const { status, errors } = await runOn({ fault: { kind: 'pause' } });
  expect([status, errors]).toMatchObject(['error', [{ name: 'fault-failed', message }]]);
});
