import { connections } from './connections.ts';
import { type Bench, type Figure, figure, inRounds, median } from './figure.ts';
import { Process } from './process.ts';
import { type CpuUs, Rig, sentOf } from './rig.ts';

const rounds = 5;
/** Mean rate of the reference workload: 350 requests every 80 ms. */
const ratePerSecond = 4375;
/** Latency of downstream or the bare server. */
const latencyMs = 2;
const offer = { path: 'rpc', arrivals: { kind: 'constant', ratePerSecond, forMs: 7000 } } as const;
/** Requests after which most of the code is compiled. */
const warmupRequests = 10_000;

/** Policies with limits so wide that none of them acts. */
const policies = [
  { retry: { maxRetries: 3 } },
  { breaker: { window: { kind: 'count', size: 20 }, failures: 8 } },
  { bulkhead: { concurrency: 1000, queue: 1000 } },
  { timeout: { ms: 2000 } },
];

/**
 * Measures the CPU time per request of each process on the path RPC: without policies, with policies, and of a bare
 * server, in turns. The generator's CPU time is taken with the bare server, since an overloaded gateway would raise it.
 * Then counts the gateway's connections.
 */
export const bench: Bench = async (say) => {
  await using rig = await Rig.start();
  await using server = Process.start(new URL('./bare-server.ts', import.meta.url), [String(latencyMs)]);
  const url = await server.line();
  const serverCpuUs = async (): Promise<number> => {
    server.send('cpu');
    return Number((await server.line()).split(' ')[0]);
  };
  const measureServer = async (): Promise<{ server: number; generator: number }> => {
    await rig.warm({ ...offer, url }, warmupRequests);
    const before = await serverCpuUs();
    const { summary, cpuUs } = await rig.offer({ ...offer, url });
    const server = ((await serverCpuUs()) - before) / sentOf(summary);
    return { server, generator: cpuUs.generator };
  };
  const measure = async (gateway: Record<string, unknown>): Promise<CpuUs> => {
    await rig.configure({ downstream: { model: { kind: 'fixed', latencyMs } }, gateway });
    await rig.warm(offer, warmupRequests);
    return (await rig.offer(offer)).cpuUs;
  };
  const measureAll = async () => ({
    bare: await measure({}),
    full: await measure({ policies }),
    ...(await measureServer()),
  });
  const all = await inRounds(
    rounds,
    measureAll,
    say,
    ({ bare, full, server, generator }) =>
      `gateway ${bare.gateway.toFixed(0)} µs, with policies ${full.gateway.toFixed(0)}; ` +
      `downstream ${bare.downstream.toFixed(0)} and ${full.downstream.toFixed(0)}, ` +
      `a bare server ${server.toFixed(0)}, generator ${generator.toFixed(0)}`,
  );
  const of = (value: (round: (typeof all)[number]) => number) => all.map(value);
  const servers = of(({ server }) => server);
  const generators = of(({ generator }) => generator);
  const downstream = of(({ full }) => full.downstream);
  const [plain, policed] = [of(({ bare }) => bare.gateway), of(({ full }) => full.gateway)];
  const us = (name: string, values: readonly number[]): Figure =>
    figure(`CPU per request at 4,375/s, ${name}`, median(values), 'µs');
  const ratio = (name: string, values: readonly number[], bases: readonly number[], atMost: number): Figure =>
    figure(name, median(values.map((value, round) => value / bases[round]!)), '×', { atMost });
  return [
    us('a bare node:http server', servers),
    us('generator', generators),
    us('downstream', downstream),
    us('gateway without policies', plain),
    us('gateway with the full pipeline', policed),
    ratio('generator ÷ a bare server', generators, servers, 0.85),
    ratio('downstream ÷ a bare server', downstream, servers, 1.4),
    ratio('gateway without policies ÷ a bare server', plain, servers, 2.3),
    ratio('gateway with the full pipeline ÷ a bare server', policed, servers, 2.3),
    ratio('gateway, with ÷ without policies', policed, plain, 1.4),
    await connections(say),
  ];
};
