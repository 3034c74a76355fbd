import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { engines } from '#lab/world/engines.ts';
import { untilListening } from '#lab/world/readiness.ts';
import type { EngineOptions } from '#lab/world/testbed.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { mute } from '#test/support/mute.ts';
import { runText } from '#test/support/run-text.ts';
import { send } from '#test/support/send.ts';
import { silent } from '#test/support/silent.ts';
import { type Spillway, startSpillway } from '#test/support/spillway.ts';
import { sharedUp, urlFlags } from '#test/support/up.ts';

const up = sharedUp();

type Where = Pick<EngineOptions, 'urls' | 'natsCredentials'>;

/** Returns an experiment with one variant and a load of `forMs`, as text. */
const experimentOf = (path: 'rpc' | 'event', forMs: number) =>
  countedExperiment({ variants: { it: { path, policies: [] } }, load: constant(50, forMs) });

/** Starts `run --engine attach` as a process. */
function attach({ urls, natsCredentials }: Where, experiment: string): Spillway {
  const folder = testFolder();
  writeFileSync(join(folder, 'x.yaml'), experiment);
  return startSpillway(['run', '--verbose', '--engine', 'attach', ...urlFlags(urls), 'x.yaml'], {
    folder,
    env: { SPILLWAY_NATS_CREDENTIALS: natsCredentials },
  });
}

const engineOf = ({ urls, natsCredentials }: Where) =>
  engines.attach({ urls, natsCredentials, ownConsumer: false });

/** Attaches to the testbed and runs the experiment in this process. */
const runHere = (where: Where, forMs: number, options: Parameters<typeof runText>[2] = {}) =>
  runText(experimentOf('rpc', forMs), engineOf(where).start, options);

test('attach waits for a gateway of the user that does not listen yet', async () => {
  const { urls, natsCredentials } = await up();
  const { 'gateway-control': _, ...others } = urls;
  const { url, listen } = await silent();
  const { start } = engineOf({ urls: { ...others, gateway: url }, natsCredentials });
  const { signal } = new AbortController();
  const starting = start(testFolder(), signal, parseExperiment(experimentOf('rpc', 500), 'x.yaml'));
  const tooLate = untilListening('gateway', url, { signal, withinMs: 500 }).catch(() => 'it waits');
  expect(await Promise.race([starting, tooLate])).toBe('it waits');
  await listen();
  const testbed = await starting;
  expect(testbed.traffic.gateway).toBe(url);
  await testbed.stop();
});

test('attach ends with 105 when it is interrupted while the broker says nothing', async () => {
  const { urls, natsCredentials } = await up();
  const { server, natsUrl } = await mute();
  const end = new AbortController();
  server.once('connection', () => end.abort(new Error('interrupted')));
  const where = { urls: { ...urls, nats: natsUrl }, natsCredentials };
  const { exitCode } = await runHere(where, 500, { signal: end.signal });
  expect(exitCode).toBe(exitCodes.interrupted);
});

test('attach refuses a testbed that another run uses, and leaves the run alone', async () => {
  const { configs, ...where } = await up();
  const end = new AbortController();
  const running = Promise.withResolvers<void>();
  const first = runHere(where, 60_000, {
    signal: end.signal,
    onProgress: ({ stage }) => stage === 'run' && running.resolve(),
  });
  onTestFinished(async () => {
    end.abort(new Error('the test is over'));
    await first;
  });
  await running.promise;
  const before = await configs();
  const { exitCode, errors } = await runHere(where, 500);
  const message = expect.stringMatching(/^another run uses the testbed of http:/);
  expect(errors).toEqual([{ name: 'testbed-in-use', message }]);
  expect(exitCode).toBe(exitCodes.internal);
  expect(await configs()).toEqual(before);
});

const faultsOf = async (url: string) => (await (await fetch(`${url}/faults`)).json()) as object[];

test('attach refuses a testbed with an active fault that is not its own, and leaves the fault alone', async () => {
  const { control, ...where } = await up();
  await send('PUT', `${control.downstream}/faults/old`, { leaseMs: 60_000, fault: { kind: 'failure' } });
  onTestFinished(async () => void (await fetch(`${control.downstream}/faults`, { method: 'DELETE' })));
  const { exitCode, errors } = await runHere(where, 500);
  const message = expect.stringMatching(/^downstream .*"old" \(failure\), for \d+ s more: /);
  expect(errors).toEqual([{ name: 'testbed-broken', message }]);
  expect(exitCode).toBe(exitCodes.internal);
  expect(await faultsOf(control.downstream)).toMatchObject([{ name: 'old' }]);
});

test('attach reports services that it could not restore, and ends with 1 also when it is interrupted', async () => {
  const { kill, restart, ...where } = await up();
  const end = new AbortController();
  onTestFinished(() => restart('gateway'));
  const { exitCode, errors } = await runHere(where, 60_000, {
    signal: end.signal,
    onProgress: ({ stage }) => {
      if (stage === 'run') void kill('gateway').then(() => end.abort(new Error('interrupted here')));
    },
  });
  expect(errors).toMatchObject([
    { name: 'interrupted', message: 'interrupted here' },
    { name: 'not-restored', message: expect.stringContaining('gateway does not answer') },
  ]);
  expect(exitCode).toBe(exitCodes.internal);
});

test('run --engine attach that is killed leaves the configurations as they were when their leases are over', async () => {
  const { urls, natsCredentials, configs } = await up();
  const before = await configs();
  const run = attach({ urls, natsCredentials }, experimentOf('event', 60_000));
  await run.said(/it: run/);
  expect(await configs()).not.toEqual(before);
  run.child.kill('SIGKILL');
  await run.ended();
  await vi.waitUntil(async () => isDeepStrictEqual(await configs(), before), { timeout: 60_000 });
});
