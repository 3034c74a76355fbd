import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { HTTPMethods } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { consumer } from '#consumer/consumer.ts';
import { downstream } from '#downstream/downstream.ts';
import { EffectLog } from '#downstream/effects.ts';
import { gateway } from '#gateway/gateway.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { catalogue, Metrics } from '#kit/metrics.ts';
import { trackProcess } from '#kit/process/process-metrics.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { stallRoute } from '#kit/stalls.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { steady } from '#load/steady/steady.ts';
import type { NetproxyConfig } from '#netproxy/config.ts';
import { netproxy } from '#netproxy/netproxy.ts';
import { publisher } from '#publisher/publisher.ts';
import { testFolder } from '#test/support/folder.ts';
import { withNats } from '#test/support/nats.ts';
import { hold, silent } from '#test/support/serve.ts';
import { done, stubDownstream } from '#test/support/stub-downstream.ts';
import { read } from '#test/tidy/tree.ts';

const nats = withNats();

const upstream = async () => new Upstream((await stubDownstream(done)).url);
const completions = { listen: async () => () => undefined, close: async () => undefined };
const nowhere = 'http://127.0.0.1:1';

/** Functions that build each service with an HTTP port. */
const build = {
  gateway: async (parts) => gateway({ ...parts, upstream: await upstream() }),
  publisher: async (parts) => publisher({ ...parts, broker: await nats.connect() }),
  consumer: async (parts) => consumer({ ...parts, broker: await nats.connect(), upstream: await upstream() }),
  downstream: async (parts) =>
    downstream({ ...parts, effects: new EffectLog(join(testFolder(), 'effects.ndjson')) }),
  netproxy: async (parts) => {
    const initial = { proxies: [{ name: 'hop', upstream: '127.0.0.1:1' }] };
    const service = await netproxy({ ...parts, env: { CONTROL_TOKEN: '' }, initial });
    // Connects once, since the metric of bytes exists only after the first connection.
    const { proxies } = service.config.current() as NetproxyConfig;
    await once(connect(Number(proxies[0]!.listen.split(':')[1])), 'close');
    return service;
  },
  load: (parts) =>
    steady({
      ...parts,
      completions,
      clock: new VirtualClock(), // this clock stands still, so that no request is sent
      lanes: [{ name: 'only', path: 'rpc', url: nowhere }],
      initial: { phases: [{ arrivals: { kind: 'constant', ratePerSecond: 1, forMs: 1000 } }] },
      changeFault: () => expect.unreachable(),
      isEmpty: async () => true,
      purge: async () => undefined,
      close: async () => undefined,
    }),
} satisfies Record<string, (parts: ServiceParts) => Promise<Service>>;
type Name = keyof typeof build;
const names = Object.keys(build) as Name[];

async function start(name: Name) {
  const metrics = new Metrics();
  const loop = trackProcess(metrics);
  onTestFinished(() => loop.stop());
  const service = await build[name]({ log: silent, metrics });
  const { control } = hold(service);
  stallRoute(control, loop);
  return { metrics, control, traffic: service.traffic };
}

/** Routes in the sections of docs/reference/http.md, by heading. */
const sections = Object.fromEntries(
  read('docs/reference/http.md')!
    .split('\n## ')
    .slice(1)
    .map((section) => [
      section.split('\n', 1)[0]!,
      Array.from(section.matchAll(/^\| `([A-Z]+) (\S+)`/gm), ([, method, path]) => ({
        method: method as HTTPMethods,
        url: path!.replaceAll(/\{(\w+)\}/g, ':$1'),
      })),
    ]),
);

describe.each(names)('%s', (name) => {
  test('serves the routes that the reference lists for it', async () => {
    const { control, traffic } = await start(name);
    await control.ready();
    const common = sections['Every control port']!;
    const own = sections[`Spillway ${name}, control port`] ?? [];
    expect([...common, ...own].filter((route) => !control.hasRoute(route))).toEqual([]);
    const listed = sections[`Spillway ${name}, traffic port`] ?? [];
    expect(listed.filter((route) => !traffic?.hasRoute(route))).toEqual([]);
    expect(listed.length).toBe(traffic ? 1 : 0);
  });

  test('exports the metrics that the reference lists for it', async () => {
    const { metrics } = await start(name);
    const exported = metrics.all.map((metric) => metric.name);
    const listed = Object.entries(catalogue).filter(([, { of }]) =>
      of.some((one) => [name, 'every process'].includes(one)),
    );
    expect(exported.filter((metric) => metric in catalogue).toSorted()).toEqual(
      listed.map(([metric]) => metric).toSorted(),
    );
  });
});
