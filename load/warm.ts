import { type Outcome, warmUpId } from '#kit/wire.ts';
import type { WarmCommand } from './commands.ts';
import { FirstErrors } from './first-errors.ts';
import type { Report } from './protocol.ts';
import type { CommandParts } from './run.ts';
import { Ledger } from './sending/ledger.ts';
import { Sender } from './sending/sender.ts';

/** Time limit of a warm-up. Requests without an answer or completion by then count as unfinished. */
const warmMsMax = 30_000;
/** Time after which a warm-up on demand sends no more requests. By then, even a slow service is warm enough. */
const onDemandMsMax = 5000;
/** Deadline that the services get. It is long, since cold code is slow. */
const deadlineMs = 10_000;
const unfinished: ReadonlySet<Outcome> = new Set(['unknown', 'pending']);

/**
 * Opens all connections and sends requests in a closed loop, through each connection in turn. With `onDemand`, opens
 * only as many connections as needed. Ids count from `firstIndex`. Also waits for the completions of events. Rejects
 * with ConnectError.
 */
export async function warm(
  command: WarmCommand,
  { clock, connections, completions }: Omit<CommandParts, 'report' | 'host'>,
  stop: AbortSignal,
  firstIndex: number,
): Promise<Extract<Report, { report: 'warm' }>> {
  const { requests, onDemand = false } = command;
  if (!onDemand) await connections.open();
  const most = Math.min(requests, command.concurrency, command.connections);
  const errors = new FirstErrors();
  const startedAtMs = clock.now();
  const over = Promise.withResolvers<void>();
  let sent = 0;
  let finished = 0;
  let isOver = false;
  const sender = new Sender({
    ...command,
    encode: connections.encoderOf(command),
    clock,
    connections: {
      take: () => (onDemand ? connections.take() : connections.takeOldest()),
      give: (connection) => connections.give(connection),
    },
    deadlineMs,
    ledger: new Ledger(),
    first: () => {},
    ended(request) {
      const { outcome, wasSent } = request;
      if (wasSent && outcome && !unfinished.has(outcome)) finished += 1;
      else errors.add(request, startedAtMs);
      sendMore();
      if (sender.open === 0) over.resolve();
    },
  });
  const untilMs = startedAtMs + (onDemand ? onDemandMsMax : warmMsMax);
  const mayGo = () => !isOver && sent < requests && clock.now() <= untilMs;
  const sendMore = () => {
    while (mayGo() && sender.open < most) {
      const index = firstIndex + sent++;
      sender.send(warmUpId(index), index, clock.now());
    }
  };

  const stopListening = await completions?.listen(sender.reported);
  const timer = clock.after(warmMsMax, over.resolve);
  try {
    sendMore();
    stop.addEventListener('abort', () => over.resolve());
    if (stop.aborted) over.resolve();
    await over.promise;
  } finally {
    clock.cancel(timer);
    stopListening?.();
    isOver = true;
    sender.settle();
  }
  const offered = onDemand ? sent : requests;
  return { report: 'warm', requests: offered, unfinished: offered - finished, firstErrors: errors.summary };
}
