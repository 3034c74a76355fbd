import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { patiently } from '#test/support/docker/patiently.ts';
import type { Container } from '#test/support/docker/project.ts';
import { hasGrafana } from '#test/support/grafana.ts';
import { send } from '#test/support/send.ts';
import { runsExperiments } from './attached.ts';
import { metric, query } from './control.ts';
import { keepsSecrets } from './secrets.ts';
import { isShown } from './shown.ts';
import { isWatched } from './watched.ts';
import { withProject } from './with-project.ts';

const lanes = ['naive', 'guarded', 'events'];
const services = [
  ...['load', 'gateway', 'publisher', 'nats', 'consumer', 'downstream', 'prometheus'],
  ...(hasGrafana ? ['grafana'] : []),
  ...lanes.slice(0, 2).flatMap((lane) => [`${lane}-gateway`, `${lane}-downstream`]),
];
const project = withProject((one) => one.compose(['up', '--wait']));

const serviceOf = ({ Config }: Container) => Config.Labels['com.docker.compose.service'];
const post = (url: string, id: string) => send('POST', url, { id });
const ended = (lane: string, outcome: string) => {
  const path = lane === 'events' ? 'event' : 'rpc';
  return metric(
    project,
    'load',
    'spillway_load_requests_total',
    `path="${path}",lane="${lane}",outcome="${outcome}"`,
  );
};
const succeeded = (lane: string) => ended(lane, 'ok');

describe('docker compose up --wait', () => {
  test('ends when every part is healthy, and the secrets are made', async () => {
    const lines = (await project.compose(['ps', '--all', '--format', 'json'])).trim().split('\n');
    const states = lines
      .map((line) => JSON.parse(line))
      .map(({ Service, Health, ExitCode }) => [Service, Health || ExitCode]);
    const expected = [...services.map((name) => [name, 'healthy']), ['secrets', 0]];
    expect(states.toSorted()).toEqual(expected.toSorted());
  });

  test('brings goodput in all lanes, which Prometheus has seen', async () => {
    for (const lane of lanes) expect(await succeeded(lane)).toBeGreaterThan(0);
    const seen = 'count by (lane) (spillway_load_requests_total{outcome="ok"} > 0)';
    await patiently(
      async () => (await query(project, seen)).length === 3,
      'Prometheus sees goodput in all lanes',
    );
  });

  test('lets this machine send on both paths', async () => {
    expect((await post(`${await project.url('gateway', 8080)}/rpc`, 'by-hand-1')).status).toBe(200);
    expect((await post(`${await project.url('publisher', 8080)}/events`, 'by-hand-2')).status).toBe(202);
    await patiently(async () => {
      const effects = await project.exec('downstream', ['sh', '-c', 'cat /effects/*']);
      return effects.includes('"by-hand-1"') && effects.includes('"by-hand-2"');
    }, 'both have had their effect');
  });
});

test('a published port answers on loopback alone', async () => {
  const ports = (await project.containers()).flatMap(({ NetworkSettings }) =>
    Object.values(NetworkSettings.Ports).flatMap((published) => published ?? []),
  );
  expect(ports.length).toBe(hasGrafana ? 4 : 3);
  expect(new Set(ports.map(({ HostIp }) => HostIp))).toEqual(new Set(['127.0.0.1']));
  const addresses = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  const { address } = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)!;
  const answers = (host: string, port: string) =>
    new Promise<boolean>((resolve) => {
      const socket = createConnection({ host, port: Number(port) }, () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  for (const { HostPort } of ports) {
    expect(await answers('127.0.0.1', HostPort)).toBe(true);
    expect(await answers(address, HostPort)).toBe(false);
  }
});

describe('docker/control.cjs', () => {
  const ask = (...args: string[]) => project.exec('gateway', ['node', 'docker/control.cjs', ...args]);

  test('configures a service from within its container', async () => {
    const policies = JSON.parse(await ask('GET', '/config')).policies;
    const next = JSON.stringify({ policies: [{ timeout: { ms: 150 } }] });
    expect(JSON.parse(await ask('PUT', '/config', next)).policies).toEqual([{ timeout: { ms: 150 } }]);
    await ask('PUT', '/config', JSON.stringify({ policies }));
    expect(JSON.parse(await ask('GET', '/config')).policies).toEqual(policies);
  });
});

describe('a container', () => {
  test('reaches the services that it needs and no others', async () => {
    const reach = (from: string, host: string) =>
      project.exec(from, ['getent', 'hosts', host]).then(
        () => true,
        () => false,
      );
    expect(await reach('gateway', 'downstream')).toBe(true);
    for (const stranger of ['gateway', 'downstream', 'prometheus'])
      expect(await reach(stranger, 'nats')).toBe(false);
    // These containers are in networks without a published port, so they have no default route.
    for (const inner of ['nats', 'consumer', 'downstream']) {
      const routes = await project.exec(inner, ['cat', '/proc/net/route']);
      expect(routes).not.toMatch(/^\S+\s+00000000\s/m);
    }
  });
});

describe('a secret', () => keepsSecrets(project));

describe('an experiment on the testbed', () => runsExperiments(project));

if (hasGrafana) describe('Grafana', () => isShown(project));

// After a run, since some queries are about runs.
describe('a testbed that is watched', () => isWatched(project));

describe('the testbed', () => {
  test('gives work to every replica, and Prometheus measures each', async () => {
    await project.compose([
      'up',
      '--wait',
      '--no-build',
      '--no-recreate',
      '--scale=consumer=4',
      '--scale=downstream=3',
    ]);
    const work = { spillway_effects_total: 3, spillway_deliveries_total: 4 };
    for (const [name, replicas] of Object.entries(work)) {
      const busy = async () =>
        (await query(project, `sum by (instance) (${name}{lane="events"}) > 3`)).length === replicas;
      await patiently(busy, `Prometheus sees work of ${replicas} replicas in ${name}`);
    }
  });

  test('restarts a process that ends', async () => {
    const started = async () =>
      (await project.containers()).find((one) => serviceOf(one) === 'publisher')!.State.StartedAt;
    const before = await started();
    // Kills all processes that this user may kill. The container's first process, its init, can't be killed so.
    await project.exec('publisher', ['sh', '-c', 'kill -9 -1']).catch(() => undefined);
    await patiently(async () => (await started()) !== before, 'publisher is started again');
    await project.compose(['up', '--wait', '--no-build', '--no-recreate', 'publisher']);
  });
});

describe('the chaos profile', () => {
  test('puts netproxy on every hop, where what it does is felt', async () => {
    const chaos = ['--env-file', '.env', '--env-file', 'docker/chaos.env'];
    await project.compose([...chaos, 'up', '--wait', '--no-build']);
    const ask = async (...args: string[]) =>
      JSON.parse(await project.exec('netproxy', ['node', 'docker/control.cjs', ...args]));
    const hops = Object.keys(await ask('GET', '/proxies'));
    // Only people and runs call the gateway, and only the lab uses the hop before it.
    await send('POST', `${await project.url('gateway', 8080)}/rpc`, { id: 'over-the-proxy' });
    const carrying = async () =>
      (await query(project, 'sum by (proxy) (spillway_proxy_connections) > 0')).length;
    await patiently(async () => (await carrying()) >= hops.length - 1, 'each hop has connections');

    const fault = (...args: string[]) => project.compose(['run', '--rm', 'lab', 'fault', ...args]);
    await fault('down', '--for', '600s', '--target', 'load->publisher');
    await fault('latency', 'added.kind=fixed', 'added.ms=1', '--for', '600s', '--lane', 'naive');
    const dropped = () => ended('events', 'dropped');
    const before = await dropped();
    await patiently(async () => (await dropped()) > before, 'events find no publisher while the hop is down');
    expect(await fault()).toMatch(/^naive-downstream: manual-latency, .* left: latency {"added":/m);
    expect(await fault('--clear')).toMatch(/^netproxy: no fault$/m);
    const cleared = await succeeded('events');
    await patiently(async () => (await succeeded('events')) > cleared, 'events succeed again');
  });
});

test('docker compose down -v leaves nothing behind', async () => {
  expect((await project.left()).length).toBeGreaterThan(8);
  await project.down();
  expect(await project.left()).toEqual([]);
});
