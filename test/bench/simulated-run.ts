import { cpuOfProcess } from '#kit/stalls.ts';
import { conductOnce } from '#lab/conduct/run.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { benchFolder } from './figure.ts';

const [requests = '', scenario = 'policies', evidence = ''] = process.argv.slice(2);

/** A queue with retries, as in docs/simulation-compared.md. */
const queue = (policies: string) => `
connections: 5000
downstream: { idempotent: false, model: { kind: queue, servers: 10, serviceMs: 10, waitingMax: 200 } }
variants: { calls: { path: rpc, policies: [${policies}, { timeout: { ms: 50 } }] } }
`;
const atOnce = 'backoff: { kind: constant, delayMs: 0 }';
const three = queue(`{ retry: { ${atOnce} } }`);
const bucket = queue(
  `{ retry: { maxRetries: 100, ${atOnce}, budget: { kind: aws, capacity: 100, retryCost: 1, timeoutRetryCost: 1, successGain: 0.1 } } }`,
);

/** Four policies around a dependency that stays below its knee of 25 requests in flight. */
const policies = `
downstream: { model: { kind: congestion, capacityRps: 250 } }
variants:
  calls:
    path: rpc
    policies:
      - retry: { maxRetries: 3 }
      - breaker: { window: { kind: count, size: 20 }, failures: 12 }
      - bulkhead: { concurrency: 100, queue: 100 }
      - timeout: { ms: 200 }
`;

const scenarios: Readonly<Record<string, readonly [ratePerSecond: number, rest: string]>> = {
  policies: [1000, policies],
  '500/s, three': [500, three],
  '1,100/s, three': [1100, three],
  '1,100/s, bucket': [1100, bucket],
};
const [ratePerSecond, rest] = scenarios[scenario]!;
const source = `
title: speed of a simulation
deadlineMs: 3000
load: [{ arrivals: { kind: poisson, ratePerSecond: ${ratePerSecond}, forMs: ${(Number(requests) / ratePerSecond) * 1000} } }]
${rest}`;

export interface SimulatedRun {
  readonly attempts: number;
  /** CPU time of the conduct, all threads. */
  readonly conductMs: number;
  readonly analysisMs: number;
  /** Most memory until the end of the conduct. */
  readonly rssPeakBytes: number;
}

// Simulates that many requests, and prints a SimulatedRun.
using folder = benchFolder();
const file = 'bench.yaml';
const experiment = parseExperiment(source, file);
const beganMs = cpuOfProcess();
let conductMs = 0;
let rssPeakBytes = 0;
const result = await conductOnce({
  file: { experiment, name: 'bench', file, source },
  world: simulated(),
  ...{ folder: folder.path, figuresOnly: evidence === 'figures' },
  commandOf: () => 'bench',
  signal: new AbortController().signal,
  onProgress({ stage }) {
    if (stage !== 'complete') return;
    conductMs = cpuOfProcess() - beganMs;
    rssPeakBytes = process.resourceUsage().maxRSS * 1024;
  },
});
if (result.errors.length > 0) throw new Error(JSON.stringify(result.errors));
if (!result.variants[0]?.ledger.balanced) throw new Error('expected a balanced ledger');
const analysisMs = cpuOfProcess() - beganMs - conductMs;
const run: SimulatedRun = {
  attempts: valueIn(result, 'calls', 'attempts')!,
  conductMs,
  analysisMs,
  rssPeakBytes,
};
process.stdout.write(`${JSON.stringify(run)}\n`);
