import { type Bench, type Figure, median } from './figure.ts';
import { Process } from './process.ts';
import { type CpuUs, Rig, sentOf } from './rig.ts';

const rounds = 5;
/** The mean rate of the reference workload. */
const ratePerSecond = 4375;
/** Latency of downstream. */
const latencyMs = 2;
const offer = { path: 'rpc', arrivals: { kind: 'constant', ratePerSecond, forMs: 7000 } } as const;
/** Requests after which most of the code is compiled. */
const warmupRequests = 10_000;

/** Policies of every kind, with limits so wide that none of them acts. */
const policies = [
  { retry: { maxRetries: 3 } },
  { breaker: { window: { kind: 'count', size: 20 }, failures: 8 } },
  { bulkhead: { concurrency: 1000, queue: 1000 } },
  { timeout: { ms: 2000 } },
];

/**
 * CPU time per request of each process on the RPC path, with and without policies and against a bare server in turns. The
 * generator's is that of its load on the bare server, since an overloaded gateway would cost it more.
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
  const bare: CpuUs[] = [];
  const full: CpuUs[] = [];
  const servers: number[] = [];
  const generators: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    bare.push(await measure({}));
    full.push(await measure({ policies }));
    const { server, generator } = await measureServer();
    servers.push(server);
    generators.push(generator);
    const [without, policed] = [bare.at(-1)!, full.at(-1)!];
    say(
      `round ${round} of ${rounds}: gateway ${without.gateway.toFixed(0)} µs, with policies ${policed.gateway.toFixed(0)}; ` +
        `downstream ${without.downstream.toFixed(0)} and ${policed.downstream.toFixed(0)}, ` +
        `a bare server ${server.toFixed(0)}, generator ${generator.toFixed(0)}`,
    );
  }
  const us = (name: string, values: readonly number[]): Figure => ({
    name: `CPU per request at 4,375/s, ${name}`,
    value: median(values),
    unit: 'µs',
  });
  const cpuOf = (process: keyof CpuUs, measured: readonly CpuUs[]) => measured.map((cpuUs) => cpuUs[process]);
  const ratio = (
    name: string,
    values: readonly number[],
    bases: readonly number[],
    atMost: number,
  ): Figure => ({
    name,
    value: median(values.map((value, round) => value / bases[round]!)),
    unit: '×',
    target: { atMost },
  });
  const [plain, policed] = [cpuOf('gateway', bare), cpuOf('gateway', full)];
  return [
    us('a bare node:http server', servers),
    us('generator', generators),
    us('downstream', cpuOf('downstream', full)),
    us('gateway without policies', plain),
    us('gateway with the full pipeline', policed),
    ratio('generator ÷ a bare server', generators, servers, 0.85),
    ratio('downstream ÷ a bare server', cpuOf('downstream', full), servers, 1.4),
    ratio('gateway without policies ÷ a bare server', plain, servers, 2.3),
    ratio('gateway with the full pipeline ÷ a bare server', policed, servers, 2.3),
    ratio('gateway, with ÷ without policies', policed, plain, 1.4),
  ];
};
