import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineOptions } from '#lab/engine/options.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { mute } from '#test/support/mute.ts';
import { type Spillway, startSpillway } from '#test/support/spillway.ts';
import { until } from '#test/support/until.ts';
import { up } from '#test/support/up.ts';

/** `run --engine attach` with an experiment of one variant that lasts `forMs`. */
function attach(
  { urls, natsCredentials }: Pick<EngineOptions, 'urls' | 'natsCredentials'>,
  path: 'rpc' | 'event',
  forMs: number,
  faults: readonly object[] = [],
): Spillway {
  const folder = testFolder();
  const variants = { it: { path, policies: [] } };
  writeFileSync(join(folder, 'x.yaml'), countedExperiment({ variants, load: constant(50, forMs), faults }));
  const given = Object.entries(urls).flatMap(([part, url]) => ['--url', `${part}=${url}`]);
  return startSpillway(['run', '--engine', 'attach', ...given, 'x.yaml'], {
    folder,
    env: { SPILLWAY_NATS_CREDENTIALS: natsCredentials },
  });
}

test('run --engine attach ends with 1 and one line about a broker that is not there', async () => {
  const { urls, natsCredentials } = await up();
  const { code, stdout } = await attach(
    { urls: { ...urls, nats: 'nats://127.0.0.1:9' }, natsCredentials },
    'rpc',
    500,
  ).ended();
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'no broker answers at nats://127.0.0.1:9 (connect ECONNREFUSED 127.0.0.1:9): is the testbed up? ',
  );
  expect(code).toBe(1);
});

test('run --engine attach waits for a gateway of the user that does not listen yet, and ends with 1 and one line where none comes', async () => {
  const { urls, natsCredentials } = await up();
  const { 'gateway-control': _, ...others } = urls;
  const { code, stdout } = await attach(
    { urls: { ...others, gateway: 'http://127.0.0.1:9' }, natsCredentials },
    'rpc',
    500,
  ).ended();
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'nothing takes connections at http://127.0.0.1:9, where gateway was expected (connect ECONNREFUSED 127.0.0.1:9): is it up?',
  );
  expect(code).toBe(1);
});

test('run --engine attach ends with 105 when it is interrupted while the broker says nothing', async () => {
  const { urls, natsCredentials } = await up();
  const { server, natsUrl } = await mute();
  const connected = once(server, 'connection');
  const run = attach({ urls: { ...urls, nats: natsUrl }, natsCredentials }, 'rpc', 500);
  await connected;
  run.interrupt();
  expect((await run.ended()).code).toBe(105);
});

const configsOf = (control: object) =>
  Promise.all(Object.values(control).map(async (url) => (await fetch(`${url}/config`)).json()));

test('run --engine attach refuses a testbed that another run is at, and leaves that alone', async () => {
  const { urls, natsCredentials, control } = await up();
  const first = attach({ urls, natsCredentials }, 'rpc', 60_000);
  onTestFinished(async () => {
    first.child.kill('SIGTERM');
    await first.ended();
  });
  await first.said(/it: run/);
  const configs = await configsOf(control);
  const { code, stdout } = await attach({ urls, natsCredentials }, 'rpc', 500).ended();
  expect(stdout).toMatch(/- testbed-in-use: another run is under way at the testbed of http:/);
  expect(code).toBe(1);
  expect(await configsOf(control)).toEqual(configs);
});

const faultsOf = async (url: string) => (await (await fetch(`${url}/faults`)).json()) as object[];

test('run --engine attach refuses a testbed where a fault is in force that is not its own, and leaves that alone', async () => {
  const { urls, natsCredentials, control } = await up();
  await fetch(`${control.downstream}/faults/old`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ leaseMs: 60_000, fault: { kind: 'failure' } }),
  });
  const { code, stdout } = await attach({ urls, natsCredentials }, 'rpc', 500).ended();
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /- testbed-broken: downstream is under a fault already, "old" \(failure\), for \d+ s more: /,
  );
  expect(code).toBe(1);
  expect(await faultsOf(control.downstream)).toMatchObject([{ name: 'old' }]);
});

test('run --engine attach leaves the testbed as it was when it is killed, in the middle of a fault too', async () => {
  const { urls, natsCredentials, control } = await up();
  const before = await configsOf(control);
  const slow = { kind: 'latency', added: { kind: 'fixed', ms: 100 } };
  const run = attach({ urls, natsCredentials }, 'event', 60_000, [
    { name: 'slow', atMs: 0, forMs: 59_000, target: 'downstream', fault: slow },
  ]);
  await run.said(/it: run/);
  await until(async () => (await faultsOf(control.downstream)).length === 1);
  expect(await configsOf(control)).not.toEqual(before);
  run.child.kill('SIGKILL');
  await run.ended(); // and the guardian with it
  expect(await configsOf(control)).toEqual(before);
  expect(await faultsOf(control.downstream)).toEqual([]);
});

test('run --engine attach says what it could not leave as it was, and ends with 1 also when it is interrupted', async () => {
  const { urls, natsCredentials, kill } = await up();
  const run = attach({ urls, natsCredentials }, 'rpc', 60_000);
  await run.said(/it: run/);
  await kill('gateway');
  run.interrupt();
  const { code, stdout } = await run.ended();
  expect(stdout).toMatch(/- interrupted in it\b.*: the command got SIGINT/);
  expect(stdout).toMatch(/- not-restored: .* gateway does not/);
  expect(code).toBe(1);
});

test('run --engine attach says also after it was killed what could not be left as it was', async () => {
  const { urls, natsCredentials, kill } = await up();
  const run = attach({ urls, natsCredentials }, 'rpc', 60_000);
  await run.said(/it: run/);
  await kill('gateway');
  run.child.kill('SIGKILL');
  expect((await run.ended()).stderr).toMatch(/\nthe testbed is not as it was: gateway does not answer .*\n$/);
});
