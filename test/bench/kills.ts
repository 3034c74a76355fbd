import type { Bench } from './figure.ts';
import { figuresOf, type KillRounds, killRounds } from './kill-rounds.ts';

const rounds: KillRounds = {
  amount: 1000,
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

/** Kills random processes under load. In each round no accepted request may be lost, and the ledger must balance. */
export const bench: Bench = async (say, options) => {
  say(`seed=${options.seed}`);
  return figuresOf(await killRounds(say, options, rounds), options.amount ?? rounds.amount);
};
