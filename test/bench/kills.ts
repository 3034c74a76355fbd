import { systemClock } from '#kit/clock.ts';
import { type Random, stream } from '#kit/random.ts';
import type { Result } from '#lab/result/result.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { TestbedPool } from '#test/support/testbed-pool.ts';
import { type Bench, benchFolder, figure } from './figure.ts';
import { runSource } from './run.ts';

const amountDefault = 1000;
const killsPerRound = 40;
/** Time between kills: about the time that a process needs to start while the other processes are busy. */
const slotMs = 800;
const ratePerSecond = 100;
/** Short, since an event whose publish got no answer stays open until the end of the drain. */
const drainMs = 8000;

/** Targets on each path. The broker is killed less often, since other kills test nothing while it is down. */
const targets = {
  rpc: ['gateway', 'downstream'],
  event: ['publisher', 'consumer', 'downstream', 'publisher', 'consumer', 'downstream', 'nats'],
} as const;
/** Paths of the rounds in turn. The event path is more frequent, since it has more processes. */
const order = ['event', 'rpc', 'event'] as const;

/** Kills random processes under load. In each round no accepted request may be lost, and the ledger must balance. */
export const bench: Bench = async (say, { amount = amountDefault, seed }) => {
  using folder = benchFolder();
  const testbeds = new TestbedPool(() => startLocal({ logFolder: folder.path }));
  const random = stream(seed, 'kills');
  const totals = { kills: 0, offered: 0, lost: 0, unbalanced: 0, failed: 0 };
  const startedAtMs = systemClock.now();
  say(`seed=${seed}`);
  try {
    // Twice the rounds that suffice if no kill fails. A kill fails, for example, while its target is still starting.
    const roundsMax = 2 * Math.ceil(amount / killsPerRound);
    for (let round = 0; totals.kills < amount && round < roundsMax; round++) {
      const path = order[round % order.length]!;
      const kills = Math.min(killsPerRound, amount - totals.kills);
      const text = textOf(path, kills, random, round);
      const result = await testbeds.run((testbed) => runSource(text, async () => testbed));
      const did = countOf(result);
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += did[name];
      const passed = ((systemClock.now() - startedAtMs) / 60_000).toFixed(1);
      say(`round ${round + 1}, ${path}: ${totals.kills} of ${amount} kills after ${passed} min`);
      for (const problem of problemsOf(result)) say(`  ${problem}`);
    }
  } finally {
    await testbeds.stop();
  }
  return [
    figure('kills', totals.kills, '', { atLeast: amount }),
    figure('requests offered meanwhile', totals.offered, ''),
    figure('accepted and lost', totals.lost, '', { atMost: 0 }),
    figure('rounds whose ledger differs', totals.unbalanced, '', { atMost: 0 }),
    figure('rounds that ended early', totals.failed, '', { atMost: 0 }),
  ];
};

function textOf(path: 'rpc' | 'event', kills: number, random: Random, round: number): string {
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  return countedExperiment({
    seed: round + 1,
    drainMs,
    connections: 1000,
    load: constant(ratePerSecond, (kills + 1) * slotMs),
    downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: round % 2 === 0 },
    variants: { it: onPath(path, 500) },
    faults: Array.from({ length: kills }, (_, index) => ({
      name: `kill-${index}`,
      atMs: Math.round((index + 0.4 * random()) * slotMs),
      forMs: Math.round(20 + 0.5 * random() * slotMs),
      target: one(targets[path]),
      fault: { kind: 'kill' },
    })),
  });
}

function countOf({ errors, variants }: Result) {
  const [it] = variants;
  return {
    kills: it?.faults?.filter(({ took }) => took).length ?? 0,
    offered: it?.offered ?? 0,
    lost: it?.lost ?? 0,
    unbalanced: it && !it.ledger.balanced ? 1 : 0,
    failed: errors.length > 0 || !it ? 1 : 0,
  };
}

const problemsOf = ({ errors, validity, variants }: Result): string[] => [
  ...errors.map(({ name, message }) => `${name}: ${message}`),
  ...validity.filter(({ ok }) => !ok).map(({ finding }) => `invalid: ${finding}`),
  ...variants.flatMap(({ ledger }) =>
    ledger.checks.flatMap(({ ok, name, witnesses }) => (ok ? [] : `${name}: ${JSON.stringify(witnesses)}`)),
  ),
];
