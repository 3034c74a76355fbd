import { systemClock } from '#kit/clock.ts';
import { type Random, stream } from '#kit/random.ts';
import type { Result } from '#lab/judge/result/result.ts';
import type { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { measuredIn } from '#test/support/figures.ts';
import { TestbedPool } from '#test/support/testbed-pool.ts';
import { benchFolder, type Figure, figure } from './figure.ts';
import { runSource } from './run.ts';

const ratePerSecond = 100;

/** Rounds of load in which random processes are killed. */
export interface KillRounds {
  readonly killsPerRound: number;
  /** Time between kills. */
  readonly slotMs: number;
  readonly drainMs: number;
  /** Paths of the rounds, in turn. */
  readonly order: readonly ('rpc' | 'event')[];
  /** Targets of kills, on each path. A target that is there twice is killed more often. */
  readonly targets: Readonly<Partial<Record<'rpc' | 'event', readonly string[]>>>;
  readonly broker?: BrokerOptions;
}

type Totals = Readonly<Record<'kills' | 'offered' | 'completed' | 'lost' | 'unbalanced' | 'failed', number>>;

/** Conducts rounds until enough processes have been killed, and resolves with what they lost. */
export async function killRounds(
  say: (text: string) => void,
  { amount, seed }: { readonly amount: number; readonly seed: number },
  rounds: KillRounds,
): Promise<Totals> {
  const { killsPerRound, order, broker } = rounds;
  using folder = benchFolder();
  const testbeds = new TestbedPool(() => startLocal({ logFolder: folder.path, ...(broker && { broker }) }));
  const random = stream(seed, 'kills');
  const totals = { kills: 0, offered: 0, completed: 0, lost: 0, unbalanced: 0, failed: 0 };
  const startedAtMs = systemClock.now();
  try {
    // Twice the rounds that suffice if no kill fails. A kill fails, for example, while its target is still starting.
    const roundsMax = 2 * Math.ceil(amount / killsPerRound);
    for (let round = 0; totals.kills < amount && round < roundsMax; round++) {
      const path = order[round % order.length]!;
      const kills = Math.min(killsPerRound, amount - totals.kills);
      const text = textOf(rounds, path, kills, random, round);
      const roundFolder = benchFolder();
      const result = await testbeds.run((testbed) => runSource(text, async () => testbed, roundFolder.path));
      const did = countOf(result);
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += did[name];
      const passed = ((systemClock.now() - startedAtMs) / 60_000).toFixed(1);
      say(`round ${round + 1}, ${path}: ${totals.kills} of ${amount} kills after ${passed} min`);
      const problems = problemsOf(result);
      for (const problem of problems) say(`  ${problem}`);
      if (problems.length > 0) say(`  its evidence is kept in ${roundFolder.path}`);
      else roundFolder.remove();
    }
  } finally {
    await testbeds.stop();
  }
  return totals;
}

/** Returns the totals as figures. */
export function figuresOf(totals: Totals, amount: number, note = ''): Figure[] {
  const none = { atMost: 0 };
  return [
    figure(`kills${note}`, totals.kills, '', { atLeast: amount }),
    figure(`requests offered meanwhile${note}`, totals.offered, ''),
    figure(`completed${note}`, totals.completed, ''),
    figure(`accepted and lost${note}`, totals.lost, '', none),
    figure(`rounds whose ledger differs${note}`, totals.unbalanced, '', none),
    figure(`rounds that ended early${note}`, totals.failed, '', { atMost: 0 }),
  ];
}

function textOf(
  { slotMs, drainMs, targets, broker }: KillRounds,
  path: 'rpc' | 'event',
  kills: number,
  random: Random,
  round: number,
): string {
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  return countedExperiment({
    seed: round + 1,
    drainMs,
    connections: 1000,
    load: constant(ratePerSecond, (kills + 1) * slotMs),
    downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: round % 2 === 0 },
    variants: { it: { ...onPath(path, 500), ...(broker && { broker }) } },
    faults: Array.from({ length: kills }, (_, index) => ({
      name: `kill-${index}`,
      atMs: Math.round((index + 0.4 * random()) * slotMs),
      forMs: Math.round(20 + 0.5 * random() * slotMs),
      target: one(targets[path] ?? []),
      fault: { kind: 'kill' },
    })),
  });
}

function countOf({ errors, ...result }: Result): Totals {
  const [it] = measuredIn(result);
  return {
    kills: it?.faults?.filter(({ took }) => took).length ?? 0,
    offered: it?.offered ?? 0,
    completed: it?.completed ?? 0,
    lost: it?.lost ?? 0,
    unbalanced: it && !it.ledger.balanced ? 1 : 0,
    failed: errors.length > 0 || !it ? 1 : 0,
  };
}

const problemsOf = ({ errors, validity, variants }: Result): string[] => [
  ...errors.map(({ name, message }) => `${name}: ${message}`),
  ...validity.filter(({ ok }) => !ok).map(({ finding }) => `invalid: ${finding}`),
  ...variants.flatMap(({ ledger }) =>
    ledger.checks.flatMap(({ ok, name, witnesses, note }) =>
      ok ? [] : `${name}: ${JSON.stringify(witnesses)}, ${note}`,
    ),
  ),
];
