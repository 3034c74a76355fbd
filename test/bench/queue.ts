import { erlangC } from '#test/fixtures/erlang-c.ts';
import type { Bench } from './figure.ts';
import { oneRun } from './one-run.ts';

const seeds = [1, 2, 3, 4];
const servers = 16;
const serviceMs = 40;
/** At a load of 0.8. */
const perSecond = (0.8 * servers * 1000) / serviceMs;

const text = (seed: number) => `
title: M/M/c
seed: ${seed}
deadlineMs: 10000
load: [{ arrivals: { kind: poisson, ratePerSecond: ${perSecond}, forMs: 60000 } }]
downstream: { model: { kind: queue, servers: ${servers}, serviceMs: ${serviceMs} } }
variants: { calls: { path: rpc } }
`;

/** How long an attempt waits on real sockets beside what Erlang C says, over several runs, since it is much a matter of luck. */
export const bench: Bench = async (say) => {
  const waits: number[] = [];
  for (const seed of seeds) {
    const waitMs = (await meanLatencyMs(seed)) - serviceMs;
    say(`seed ${seed}: a mean wait of ${waitMs.toFixed(1)} ms`);
    waits.push(waitMs);
  }
  const predictedMs = erlangC(servers, serviceMs, perSecond);
  const measuredMs = waits.reduce((a, b) => a + b) / waits.length;
  return [
    { name: 'mean wait by Erlang C', value: predictedMs, unit: 'ms' },
    { name: 'mean wait, measured', value: measuredMs, unit: 'ms' },
    {
      name: 'off by',
      value: Math.abs(measuredMs / predictedMs - 1),
      unit: 'of it',
      target: { atMost: 0.05 },
    },
  ];
};

async function meanLatencyMs(seed: number): Promise<number> {
  const [calls] = await oneRun(text(seed));
  return calls!.latency!.meanMs;
}
