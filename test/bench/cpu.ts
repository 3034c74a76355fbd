import { type Bench, type Figure, median } from './figure.ts';
import { Process } from './process.ts';
import { type CpuUs, Rig } from './rig.ts';

const rounds = 5;
/** The mean rate of the reference workload. */
const ratePerSecond = 4375;
/** How long downstream works on a request. */
const latencyMs = 2;
const offer = { path: 'rpc', arrivals: { kind: 'constant', ratePerSecond, forMs: 7000 } } as const;
/** Until most of the code is compiled. */
const warmupRequests = 10_000;

/** All policies, with limits so wide that none of them acts. */
const policies = [
  { retry: { maxRetries: 3 } },
  { breaker: { window: { kind: 'count', size: 20 }, failures: 8 } },
  { bulkhead: { concurrency: 1000, queue: 1000 } },
  { timeout: { ms: 2000 } },
];

/** CPU time per request of each process on the RPC path, with and without policies in turns. */
export const bench: Bench = async (say) => {
  await using rig = await Rig.start();
  await using server = Process.start(new URL('./bare-server.ts', import.meta.url), [String(latencyMs)]);
  const url = await server.line();
  const serverCpuUs = async (): Promise<number> => {
    server.send('cpu');
    return Number((await server.line()).split(' ')[0]);
  };
  const measureServer = async (): Promise<number> => {
    await rig.warm({ ...offer, url }, warmupRequests);
    const before = await serverCpuUs();
    const { summary } = await rig.offer({ ...offer, url });
    return ((await serverCpuUs()) - before) / summary.offered;
  };
  const measure = async (gateway: Record<string, unknown>): Promise<CpuUs> => {
    await rig.configure({ downstream: { model: { kind: 'fixed', latencyMs } }, gateway });
    await rig.warm(offer, warmupRequests);
    return (await rig.offer(offer)).cpuUs;
  };
  const bare: CpuUs[] = [];
  const full: CpuUs[] = [];
  const servers: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    bare.push(await measure({}));
    full.push(await measure({ policies }));
    servers.push(await measureServer());
    const [without, policed] = [bare.at(-1)!, full.at(-1)!];
    say(
      `round ${round} of ${rounds}: gateway ${without.gateway.toFixed(0)} µs, with policies ${policed.gateway.toFixed(0)}; ` +
        `downstream ${without.downstream.toFixed(0)} and ${policed.downstream.toFixed(0)}, ` +
        `a bare server ${servers.at(-1)!.toFixed(0)}`,
    );
  }
  const figure = (name: string, cpuUs: number[]): Figure => ({
    name: `CPU per request at 4,375/s, ${name}`,
    value: median(cpuUs),
    unit: 'µs',
  });
  const us = (name: string, process: keyof CpuUs, measured: CpuUs[]) =>
    figure(
      name,
      measured.map((cpuUs) => cpuUs[process]),
    );
  const ratios = full.map(({ gateway }, round) => gateway / bare[round]!.gateway);
  const all = [...bare, ...full];
  return [
    { ...us('generator', 'generator', all), target: { atMost: 40 } },
    { ...us('downstream', 'downstream', all), target: { atMost: 40 } },
    figure('a bare node:http server', servers),
    us('gateway without policies', 'gateway', bare),
    us('gateway with the full pipeline', 'gateway', full),
    { name: 'gateway, with ÷ without policies', value: median(ratios), unit: '×', target: { atMost: 1.4 } },
  ];
};
