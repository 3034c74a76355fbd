import { percentiles } from '#lab/analysis/figures/figures.ts';
import { type Bench, figure, inRounds, median } from './figure.ts';
import { Rig } from './rig.ts';

const rounds = 5;
const offer = {
  path: 'rpc',
  arrivals: { kind: 'bursts', total: 2000, size: 350, everyMs: 80, spreadMs: 20 },
  connections: 2048,
} as const;
const gateway = {
  policies: [
    { retry: { maxRetries: 3 } },
    { bulkhead: { concurrency: 40, queue: 10_000 } },
    { timeout: { ms: 120 } },
  ],
};

/** Measures the generator's send lag in the bursts of the reference workload, over connections opened before. */
export const bench: Bench = async (say) => {
  await using rig = await Rig.start();
  const measure = async () => {
    await rig.configure({ downstream: { model: { kind: 'fixed', latencyMs: 2 } } });
    await rig.warm(offer);
    await rig.configure({ gateway });
    const { requests } = await rig.offer(offer);
    return percentiles((await requests()).sentMs())!;
  };
  const lags = await inRounds(
    rounds,
    measure,
    say,
    ({ p50Ms, p99Ms, maxMs }) => `p50 ${p50Ms} ms, p99 ${p99Ms}, at most ${maxMs}`,
  );
  return [figure('send lag in bursts, p99', median(lags.map(({ p99Ms }) => p99Ms)), 'ms', { atMost: 5 })];
};
