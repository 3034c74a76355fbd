import type { Bench, Figure } from './figure.ts';
import { figuresOf, type KillRounds, killRounds } from './kill-rounds.ts';

const rounds: KillRounds = {
  amount: 300,
  killsPerRound: 20,
  // Longer than most elections. If each leader were killed at once, a killed service would find none for 20 s.
  slotMs: 7000,
  drainMs: 20_000,
  order: ['event'],
  targets: {
    event: [
      'nats-leader',
      'nats-leader',
      'nats-majority',
      'nats-1',
      'nats-2',
      'nats-3',
      'consumer',
      'publisher',
    ],
  },
};

/**
 * Kills servers of a broker with three replicas under load, also the leader and a majority, and services. If each write
 * is synced, no accepted event may be lost, and every ledger must balance. The same kills without syncs are informative.
 */
export const bench: Bench = async (say, options) => {
  say(`seed=${options.seed}`);
  const figures: Figure[] = [];
  for (const sync of ['always', 'interval'] as const) {
    const broker = { servers: 3, replicas: 3, sync } as const;
    const totals = await killRounds((text) => say(`sync ${sync}, ${text}`), options, { ...rounds, broker });
    figures.push(...figuresOf(totals, options.amount ?? rounds.amount, `, sync ${sync}`, sync === 'always'));
  }
  return figures;
};
