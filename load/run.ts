import type { Clock, Timer } from '#kit/clock.ts';
import { requestId } from '#kit/wire.ts';
import type { Connections } from './http/connections.ts';
import { Ledger } from './ledger.ts';
import type { News } from './news.ts';
import { Durations } from './percentiles.ts';
import { planned, schedule } from './phases.ts';
import type { Command, Report, Summary } from './protocol.ts';
import { Pump } from './pump.ts';
import { RecordFile } from './record.ts';
import type { Request } from './request.ts';
import { Sender } from './sender.ts';

export interface Surroundings {
  readonly clock: Clock;
  readonly connections: Connections;
  /** Undefined on the RPC path. */
  readonly news: News | undefined;
  readonly report: (report: Report) => void;
}

const progressEveryMs = 250;
/** From the end of the preparations to the start of the phases. */
const leadMs = 20;

/**
 * Offers a load and sums up what became of it. Aborting `stop` ends it at once, with what was measured until then.
 * Rejects with ConnectError, NewsError or RecordError.
 */
export async function run(
  command: Extract<Command, { do: 'run' }>,
  { clock, connections, news, report }: Surroundings,
  stop: AbortSignal,
): Promise<Summary> {
  const { path, url, deadlineMs, load, seed, drainMs } = command;
  const count = planned(load, seed);
  const end = Promise.withResolvers<void>();
  const ledger = new Ledger();
  const lag = new Durations();
  const latency = new Durations();
  await connections.open();
  const record = await RecordFile.create(command.recordFile, end.reject);
  …
}
