import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { hops, proxyOf, receiverOf, type ServiceHop } from '#lab/experiment/topology/hops.ts';
import { namesOf } from '#lab/experiment/topology/replicas.ts';
import { allRoutes, routesFrom } from '#lab/experiment/topology/servers.ts';
import { detourPort, detours, Project } from '#lab/world/compose/project.ts';
import { read } from '#test/tidy/tree.ts';

const { services } = parse(read('docker-compose.yml')!, { merge: true });
const configText: string = services.netproxy.environment.CONFIG;
const proxiesWith = (routes = '') =>
  JSON.parse(configText.replace(/\$\{NETPROXY_ROUTES.*?\}/, routes).replace(/\$\{.*?\}/, '1')).proxies;
const proxies = proxiesWith();
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
  const project = new Project({ servers: three, seed: 7 });
  expect(project.compose('up').filter((arg) => arg.endsWith('cluster.yml'))).toHaveLength(1);
  expect(new Project().compose('up').filter((arg) => arg.endsWith('cluster.yml'))).toHaveLength(0);
  const all = 'nats-1:4222,nats://nats-2:4222,nats://nats-3:4222';
  expect(project.env).toMatchObject({ PUBLISHER_TO_NATS: all, CONSUMER_TO_NATS: all, NETPROXY_ROUTES: '' });
  const [first, ...rest] = JSON.parse(project.env.CLUSTER!);
  expect(rest).toHaveLength(2);
  const routes = ['nats-2:6222', 'nats-3:6222'];
  expect(first).toEqual({ name: 'nats-1', listen: '0.0.0.0:6222', routes, isProxied: false });
});

test('a Project leads each proxied route over a proxy of its own', () => {
  const routes = allRoutes(three);
  const { env } = new Project({ servers: three, routes });
  const all = proxiesWith(env.NETPROXY_ROUTES);
  for (const { name, routes: addresses } of JSON.parse(env.CLUSTER!))
    for (const [index, route] of routesFrom(name, three).entries()) {
      const proxy = all.find((each: { name: string }) => each.name === proxyOf(route));
      expect(proxy.upstream).toBe(`${receiverOf(route)}:6222`);
      expect(addresses[index]).toBe(proxy.listen.replace('0.0.0.0', 'netproxy'));
    }
  const ports = all.map(({ listen }: { listen: string }) => listen);
  expect(new Set(ports).size).toBe(hops.length + routes.length);
});

test('a Project has netproxy only where it stands on a hop', () => {
  const on = (...some: ServiceHop[]) => new Project({ hops: some, seed: 7 });
  expect(on().compose('up')).not.toContain('--profile=chaos');
  expect(on().env).toEqual({ NETPROXY_SEED: '7' });
  expect(on('consumer->nats').compose('up')).toContain('--profile=chaos');
  expect(on('consumer->nats').env).toEqual({ NETPROXY_SEED: '7', CONSUMER_TO_NATS: 'netproxy:7310' });
  expect(on('consumer->nats').removal(3)[0]).toContain('--profile=chaos');
  const routed = new Project({ servers: three, routes: allRoutes(three) });
  expect(routed.compose('up')).toContain('--profile=chaos');
});
