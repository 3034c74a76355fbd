import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kit/clock.ts';
import { type Bench, benchFolder } from './figure.ts';

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));

/** Policies that survive a spike of the load, and ranges with values that don't. */
interface Planted {
  readonly policies: string;
  readonly within: readonly string[];
}

const path = 'variants.calls.policies';
const retry = 'maxRetries: 1, backoff: { kind: constant, delayMs: 5 }';
const timeout = 'timeout: { ms: 250 }';
const bulkhead = (concurrency: number) =>
  `{ retry: { ${retry} } }, { bulkhead: { concurrency: ${concurrency} } }`;
const budget = (rule: string) => `{ retry: { ${retry}, budget: { kind: finagle, ${rule} } } }`;

/** Guards, each with a range in which it is too weak. */
const guards = [
  { guard: bulkhead(25), weak: 'deadlineMs=20..1000' },
  {
    guard: budget('ratio: 0.1, minPerSecond: 0'),
    weak: `${path}.retry.budget.ratio=0..3`,
  },
  { guard: bulkhead(30), weak: `${path}.bulkhead.concurrency=1..200` },
  {
    guard: budget('ratio: 0.1, minPerSecond: 1'),
    weak: `${path}.retry.budget.minPerSecond=0..300`,
  },
  {
    guard: budget('ratio: 0.05, minPerSecond: 0'),
    weak: `${path}.retry.budget.ratio=0.05..2`,
  },
];

/** Ranges of other numbers beside the weak one. */
const beside = [
  [],
  [`${path}.timeout.ms=100..400`],
  [`${path}.retry.maxRetries=0..5`],
  ['load*=0.5..1.2', `${path}.retry.backoff.delayMs=1..200`],
];
const planted: readonly Planted[] = guards.flatMap(({ guard, weak }) =>
  beside.map((others) => ({
    policies: `[${guard}, { ${timeout} }]`,
    within: [weak, ...others],
  })),
);

const textOf = ({ policies }: Planted, seed: number): string => `title: Planted
seed: ${seed}
deadlineMs: 1000
load:
  - { name: before, arrivals: { kind: poisson, ratePerSecond: 80, forMs: 2000 } }
  - { name: spike, arrivals: { kind: poisson, ratePerSecond: 300, forMs: 2000 } }
  - { name: settling, arrivals: { kind: poisson, ratePerSecond: 80, forMs: 5000 } }
  - { name: later, arrivals: { kind: poisson, ratePerSecond: 80, forMs: 3000 } }
downstream:
  model: { kind: congestion, capacityRps: 10, baseLatencyMs: 54, jitterMs: 0, failureRatio: 0, overloadLatencyMs: 4, overloadFailureRatio: 0 }
  abandonOnAbort: false
variants:
  calls: { path: rpc, policies: ${policies} }
hypothesis: ['goodput(calls, phase later) > 0.8']
`;

/** Searches planted configurations for the values that break them. */
export const bench: Bench = async (say, { amount = planted.length, seed }) => {
  const some = planted.slice(0, amount);
  const took: number[] = [];
  let found = 0;
  for (const [index, each] of some.entries()) {
    using folder = benchFolder();
    writeFileSync(join(folder.path, 'planted.yaml'), textOf(each, seed % 1000));
    const args = ['search', 'planted.yaml', ...each.within.flatMap((range) => ['--within', range])];
    const startedAtMs = systemClock.now();
    const { status, stdout, stderr } = spawnSync(launcher, args, { cwd: folder.path, encoding: 'utf8' });
    took.push((systemClock.now() - startedAtMs) / 1000);
    if (status === 99) found += 1;
    say(`${index + 1} of ${some.length}, ${took.at(-1)!.toFixed(1)} s: ${(stdout || stderr).split('\n')[0]}`);
  }
  return [
    { name: 'planted configurations found', value: found, unit: '', target: { atLeast: some.length } },
    { name: 'longest search', value: Math.max(...took), unit: 's', target: { atMost: 60 } },
  ];
};
