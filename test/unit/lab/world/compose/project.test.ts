import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Hop, hops, proxyOf } from '#lab/kit/topology/hops.ts';
import { namesOf } from '#lab/kit/topology/replicas.ts';
import { detourPort, detours, projectOf } from '#lab/world/compose/project.ts';
import { read } from '#test/tidy/tree.ts';

const { services } = parse(read('docker-compose.yml')!, { merge: true });
const configText: string = services.netproxy.environment.CONFIG;
const { proxies } = JSON.parse(configText.replace(/\$\{.*?\}/, '1'));
const defaultOf = (variable: string): string =>
  new RegExp(`\\$\\{${variable}:-([^}]*)\\}`).exec(JSON.stringify(services))?.[1] ?? '';

test.each(hops)('detours of %s lead to its proxy, which leads where the hop would without it', (hop) => {
  const [[variable = '', address] = []] = Object.entries(detours([hop]));
  const proxy = proxies.find(({ name }: { name: string }) => name === proxyOf(hop));
  expect(proxy.listen).toBe(`0.0.0.0:${detourPort(hop)}`);
  expect(address).toBe(`netproxy:${detourPort(hop)}`);
  expect(proxy.upstream).toBe(defaultOf(variable));
});

const three = namesOf('nats', 3);

test('a Project of several servers adds the cluster, which the services reach at all servers', () => {
  const project = projectOf({ servers: three, seed: 7 });
  expect(project.compose('up').filter((arg) => arg.endsWith('cluster.yml'))).toHaveLength(1);
  expect(
    projectOf()
      .compose('up')
      .filter((arg) => arg.endsWith('cluster.yml')),
  ).toHaveLength(0);
  const all = 'nats-1:4222,nats://nats-2:4222,nats://nats-3:4222';
  expect(project.env).toMatchObject({ PUBLISHER_TO_NATS: all, CONSUMER_TO_NATS: all });
  const [first, ...rest] = JSON.parse(project.env.CLUSTER!);
  expect(rest).toHaveLength(2);
  const routes = ['nats-2:6222', 'nats-3:6222'];
  expect(first).toEqual({ name: 'nats-1', listen: '0.0.0.0:6222', routes });
});

test('a Project has netproxy only where it stands on a hop', () => {
  const on = (...some: Hop[]) => projectOf({ hops: some, seed: 7 });
  expect(on().compose('up')).not.toContain('--profile=chaos');
  expect(on().env).toEqual({ NETPROXY_SEED: '7' });
  expect(on('consumer->nats').compose('up')).toContain('--profile=chaos');
  expect(on('consumer->nats').env).toEqual({ NETPROXY_SEED: '7', CONSUMER_TO_NATS: 'netproxy:7310' });
  expect(on('consumer->nats').removal(3)[0]).toContain('--profile=chaos');
});
