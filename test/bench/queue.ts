import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '#lab/engine/local.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { run } from '#lab/run/run.ts';
import { erlangC } from '#test/fixtures/erlang-c.ts';
import type { Bench } from './figure.ts';

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
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  try {
    const source = text(seed);
    const { errors, variants } = await run(
      { experiment: parseExperiment(source, 'queue.yaml'), name: 'queue', file: 'queue.yaml', source },
      {
        folder,
        command: 'bench',
        startTestbed: (logFolder) => startLocal({ logFolder }),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    );
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
    return variants[0]!.latency!.meanMs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
