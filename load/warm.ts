import { hostIn } from '#kit/urls.ts';
import { type Outcome, warmUpId } from '#kit/wire.ts';
import type { Command } from './commands.ts';
import type { Report } from './protocol.ts';
import type { Surroundings } from './run.ts';
import { Ledger } from './sending/ledger.ts';
import { Sender } from './sending/sender.ts';

/** For all requests together; then those without an answer or news are unfinished. */
const warmMsMax = 30_000;
/** What the services are told; generous, since cold code is slow. */
const deadlineMs = 10_000;
/** A policy's refusal is an end like any other. */
const unfinished: ReadonlySet<Outcome> = new Set(['unknown', 'pending']);

/**
 * Opens all connections and sends requests in a closed loop, going through the connections one by one. Ids count from
 * `firstIndex`. On the event path it waits for the outcomes, too. Rejects with ConnectError.
 */
export async function warm(
  { requests, ...command }: Extract<Command, { do: 'warm' }>,
  { clock, connections, news }: Omit<Surroundings, 'report'>,
  stop: AbortSignal,
  firstIndex: number,
): Promise<Extract<Report, { report: 'warm' }>> {
  await connections.open();
  const over = Promise.withResolvers<void>();
  let sent = 0;
  let finished = 0;
  const sender = new Sender({
    ...command,
    host: hostIn(command.url),
    clock,
    connections: { take: () => connections.takeOldest(), give: (connection) => connections.give(connection) },
    deadlineMs,
    ledger: new Ledger(),
    first: () => {},
    ended({ outcome, wasSent }) {
      if (wasSent && outcome && !unfinished.has(outcome)) finished += 1;
      if (sent < requests) sendNext();
      else if (sender.open === 0) over.resolve();
    },
  });
  const sendNext = () => {
    const index = firstIndex + sent++;
    sender.send(warmUpId(index), index, clock.now());
  };

  const stopListening = await news?.listen(sender.reported);
  const timer = clock.after(warmMsMax, over.resolve);
  try {
    const width = Math.min(requests, command.concurrency, command.connections);
    for (let i = 0; i < width; i++) sendNext();
    stop.addEventListener('abort', () => over.resolve());
    if (stop.aborted) over.resolve();
    await over.promise;
  } finally {
    clock.cancel(timer);
    stopListening?.();
    sent = requests; // no more
    sender.settle();
  }
  return { report: 'warm', requests, unfinished: requests - finished };
}
