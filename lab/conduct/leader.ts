import type { Broker } from '#kit/broker/client.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import type { ServerName } from '#lab/experiment/topology/names.ts';

const leaderWithinMs = 30_000;

/** Resolves with the server that leads the work stream. During an election, waits for the new leader. */
export async function leaderOf(broker: Broker, clock: Clock): Promise<ServerName> {
  const giveUpAtMs = clock.now() + leaderWithinMs;
  const { streams } = await broker.manager(1000);
  for (;;) {
    const found = await streams.info(names.stream).catch((error: Error) => error);
    if ('cluster' in found && found.cluster?.leader) return found.cluster.leader as ServerName;
    if (clock.now() > giveUpAtMs) {
      const reason = found instanceof Error ? found.message : 'the broker names none';
      const message = `the stream ${names.stream} has no leader that a fault could target: ${reason}`;
      throw new TestbedError('no-leader', message);
    }
    await sleep(20, clock);
  }
}
