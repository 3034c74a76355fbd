import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect, type TestContext, test, vi } from 'vitest';
import type { Engine } from '#lab/engine/engines.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { Testbed } from '#lab/engine/testbed.ts';
import * as proc from '#lab/process/proc.ts';
import type { Result } from '#lab/result/result.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folders.ts';
import { runText } from '#test/support/run-text.ts';

const newFolder = folders();
vi.mock('#lab/process/proc.ts', { spy: true });

interface Sabotage {
  readonly tamper?: (testbed: Testbed) => unknown;
  readonly fault?: object;
  readonly lagP99Ms?: number;
}

/** Runs 200 requests over 2 s on a testbed that is tampered with, with a fault in the middle of them. */
async function runOn({ tamper, fault, lagP99Ms = 2000 }: Sabotage): Promise<Result> {
  const start: Engine['start'] = async (logFolder) => {
    const testbed = await startLocal({ logFolder });
    await tamper?.(testbed);
    return testbed;
  };
  const experiment = countedExperiment({
    load: constant(100, 2000),
    drainMs: 5000,
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: onPath('event', 500) },
    faults: fault ? [{ name: 'f', atMs: 500, forMs: 500, target: 'downstream', fault }] : [],
    validity: {
      lagP99Ms,
      sleepExcessP99Ms: 1000,
      faultDelayMs: 60_000,
      reason: 'each test is about one of them',
    },
    hypothesis: ['lost(it) == 0'],
  });
  return await runText(experiment, start, { folder: newFolder() });
}

/** Puts a server before downstream's control port that answers for it where `instead` says what. */
async function answering(
  testbed: Testbed,
  onTestFinished: TestContext['onTestFinished'],
  instead: (method: string, path: string, answer: () => Promise<string>) => Promise<string>,
): Promise<void> {
  const url = testbed.control.downstream;
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
    value: { ...testbed.control, downstream: `http://127.0.0.1:${port}` },
  });
}

const missed = ({ errors, validity }: Result) => [
  ...errors.map(({ message }) => message),
  ...validity.filter(({ ok }) => !ok).map(({ name }) => name),
];

test.concurrent('an effect log that has lost a line makes the run invalid', async ({ onTestFinished }) => {
  const lossy = (testbed: Testbed) =>
    answering(testbed, onTestFinished, async (method, path, answer) => {
      const lines = await answer();
      return method === 'GET' && path === '/effects' ? lines.replace(/.*\n$/, '') : lines;
    });
  const result = await runOn({ tamper: lossy });
  expect([result.status, missed(result)]).toEqual(['invalid', ['ledger differences']]);
});

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
    answering(testbed, onTestFinished, async (_method, path, answer) =>
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
    answering(testbed, onTestFinished, async (method, path, answer) => {
      if (!path.startsWith('/faults')) return await answer();
      return method === 'PUT' ? '[{"name":"f"}]' : '[]';
    });
  const result = await runOn({ tamper: inert, fault: { kind: 'failure', ratio: 0.5 } });
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
