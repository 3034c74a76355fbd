import { type Bench, median } from './figure.ts';
import { Rig } from './rig.ts';

const rounds = 5;
const offer = {
  path: 'rpc',
  arrivals: { kind: 'constant', ratePerSecond: 1500, forMs: 10_000 },
} as const;
const downstream = { model: { kind: 'fixed', latencyMs: 2 } };

/** All policies, and limits so wide that none of them acts. */
const policies = [
  { retry: { maxRetries: 3 } },
  { breaker: { window: { kind: 'count', size: 20 }, failures: 8 } },
  { bulkhead: { concurrency: 1000, queue: 1000 } },
  { timeout: { ms: 2000 } },
];

/** CPU time per request of each process on the RPC path, with and without policies in turns. */
export const bench: Bench = async (say) => {
  await using rig = await Rig.start();
  const measure = async (gateway: object) => {
    await rig.configure({ downstream, gateway: { ...gateway } });
    await rig.warm(offer);
    return (await rig.offer(offer)).cpuUs;
  };
  const bare = [];
  const full = [];
  for (let round = 1; round <= rounds; round++) {
    const [without, with_] = [await measure({}), await measure({ policies })];
    bare.push(without);
    full.push(with_);
    say(
      `round ${round} of ${rounds}: gateway ${without.gateway.toFixed(1)} µs, with policies ${with_.gateway.toFixed(1)}`,
    );
  }
  const all = [...bare, ...full];
  const us = (name: string, values: number[], atMost?: number) => ({
    name: `CPU per request, ${name}`,
    value: median(values),
    unit: 'µs',
    ...(atMost !== undefined && { target: { atMost } }),
  });
  const ratios = full.map(({ gateway }, round) => gateway / bare[round]!.gateway);
  return [
    us(
      'generator',
      all.map(({ generator }) => generator),
      40,
    ),
    us(
      'downstream',
      all.map(({ downstream }) => downstream),
      40,
    ),
    us(
      'gateway without policies',
      bare.map(({ gateway }) => gateway),
    ),
    us(
      'gateway with the full pipeline',
      full.map(({ gateway }) => gateway),
    ),
    { name: 'gateway, with ÷ without policies', value: median(ratios), unit: '×', target: { atMost: 1.4 } },
  ];
};
