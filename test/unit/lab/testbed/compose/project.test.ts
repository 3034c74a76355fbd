import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { detourPort, detours, Project } from '#lab/testbed/compose/project.ts';
import { hops, proxyOf, type ServiceHop } from '#lab/topology/hops.ts';
import { read } from '#test/tidy/tree.ts';

const { services } = parse(read('docker-compose.yml')!, { merge: true });
const { proxies } = JSON.parse(services.netproxy.environment.CONFIG.replace(/\$\{.*?\}/, '1'));
const defaultOf = (variable: string): string =>
  new RegExp(`\\$\\{${variable}:-([^}]*)\\}`).exec(JSON.stringify(services))?.[1] ?? '';

test.each(hops)('detours of %s lead to its proxy, which leads where the hop would without it', (hop) => {
  const [[variable = '', address] = []] = Object.entries(detours([hop]));
  const proxy = proxies.find(({ name }: { name: string }) => name === proxyOf(hop));
  expect(proxy.listen).toBe(`0.0.0.0:${detourPort(hop)}`);
  expect(address).toBe(`netproxy:${detourPort(hop)}`);
  expect(proxy.upstream).toBe(defaultOf(variable));
});

test('a Project has netproxy only where it stands on a hop', () => {
  const on = (...some: ServiceHop[]) => new Project(some, 7);
  expect(on().compose('up')).not.toContain('--profile=chaos');
  expect(on().env).toEqual({ NETPROXY_SEED: '7' });
  expect(on('consumer->nats').compose('up')).toContain('--profile=chaos');
  expect(on('consumer->nats').env).toEqual({ NETPROXY_SEED: '7', CONSUMER_TO_NATS: 'netproxy:7310' });
  expect(on('consumer->nats').removal(3)[0]).toContain('--profile=chaos');
});
