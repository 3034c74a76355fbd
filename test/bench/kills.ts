import type { Bench } from './figure.ts';
import { figuresOf, type KillRounds, killRounds } from './kill-rounds.ts';

const amountDefault = 1000;

const rounds: KillRounds = {
  killsPerRound: 40,
  // About the time that a process needs to start while the other processes are busy.
  slotMs: 800,
  // Short, since an event whose publish got no answer stays open until the end of the drain.
  drainMs: 8000,
  // The event path is more frequent, since it has more processes.
  order: ['event', 'rpc', 'event'],
  targets: {
    rpc: ['gateway', 'downstream'],
    // The broker is killed less often, since other kills test nothing while it is down.
    event: ['publisher', 'consumer', 'downstream', 'publisher', 'consumer', 'downstream', 'nats'],
  },
};

/** Kills of a cluster whose writes are synced, also of its leader and of a majority. */
const ofCluster: KillRounds = {
  killsPerRound: 20,
  // Longer than most elections. If each leader were killed at once, a killed service would find none for 20 s.
  slotMs: 7000,
  drainMs: 20_000,
  order: ['event'],
  targets: {
    event: ['nats-leader', 'nats-majority', 'nats-1', 'nats-2', 'nats-3', 'consumer', 'publisher'],
  },
  broker: { servers: 3, replicas: 3, sync: 'always' },
};

/**
 * Kills random processes under load, and then a tenth as often those of a cluster of brokers. In each round no accepted
 * request may be lost, and the ledger must balance.
 */
export const bench: Bench = async (say, { amount = amountDefault, seed }) => {
  say(`seed=${seed}`);
  const amountOfCluster = Math.ceil(amount / 10);
  return [
    ...figuresOf(await killRounds(say, { amount, seed }, rounds), amount),
    ...figuresOf(
      await killRounds((text) => say(`cluster, ${text}`), { amount: amountOfCluster, seed }, ofCluster),
      amountOfCluster,
      ', cluster',
    ),
  ];
};
