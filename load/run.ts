import type { Clock, Timer } from '#kit/clock.ts';
import { addValue, emptyDistribution } from '#kit/counters.ts';
import { buckets } from '#kit/metrics.ts';
import { type Stalled, sampleEventLoop } from '#kit/stalls.ts';
import { isCompleted, requestId } from '#kit/wire.ts';
import type { RunCommand } from './commands.ts';
import type { Completions } from './completions.ts';
import { FirstErrors } from './first-errors.ts';
import { durationMs, planned, type Scheduled, schedule } from './phases.ts';
import type { Progress, Report, Summary } from './protocol.ts';
import type { RecordFile, RecordLine } from './record-file.ts';
import type { Connections } from './sending/connections.ts';
import { Ledger } from './sending/ledger.ts';
import { pumpOf } from './sending/pump.ts';
import type { Request } from './sending/request.ts';
import { Sender } from './sending/sender.ts';

export interface CommandParts<M = string> {
  readonly clock: Clock;
  readonly connections: Connections<M>;
  readonly completions: Completions | undefined;
  readonly report: (report: Report) => void;
  readonly host: Host;
}

/** Process in which the generator runs. A simulated process has no CPU time or memory. */
export interface Host {
  /** Creates the record of `planned` requests. Calls `onError` once if it can't be written later. */
  createRecord(
    file: string,
    planned: number,
    onError: (error: Error) => void,
  ): Promise<RecordFile<RecordLine>>;
  cpuMs(): number;
  rssPeakBytes(): number;
}

const progressEveryMs = 250;
/** Time from the end of the preparations to the start of the first phase. */
const leadMs = 20;

/** Offers a load and resolves with the summary, at once if `stop` aborts. Rejects with ConnectError or RecordError. */
export async function run<M>(
  command: RunCommand,
  parts: CommandParts<M>,
  stop: AbortSignal,
): Promise<Summary> {
  const { clock, host } = parts;
  const requests = planned(command.load, command.seed);
  if (!command.onDemand) await parts.connections.open();
  const unrecorded = new AbortController();
  const onError = (error: Error) => unrecorded.abort(error);
  const record = await host.createRecord(command.recordFile, requests, onError);
  const measurements = measurementsOf(record, host);
  const loop = sampleEventLoop(clock, undefined, host.cpuMs);
  let stalled: Stalled;
  try {
    await offer(command, parts, measurements, AbortSignal.any([stop, unrecorded.signal]));
  } finally {
    stalled = loop.since(measurements.startedAtMs());
    loop.stop();
    await record.close();
  }
  return measurements.summary(requests, clock.now(), stalled);
}

/** Offers the load. Resolves when all requests have ended, when the drain is over, or when `stop` aborts. */
async function offer<M>(
  command: RunCommand,
  { clock, connections, completions, report }: CommandParts<M>,
  measurements: Measurements,
  stop: AbortSignal,
): Promise<void> {
  const { callers = Number.POSITIVE_INFINITY } = command;
  const isClosed = callers < Number.POSITIVE_INFINITY;
  const over = Promise.withResolvers<void>();
  const end = () => over.resolve();
  let drain: Timer;
  let progress: Timer;
  let lastCall: Timer;

  const sender = new Sender<M>({
    ...command,
    encode: connections.encoderOf(command),
    clock,
    connections,
    ledger: measurements.ledger,
    first: () => pump.run(),
    ended(request) {
      measurements.add(request);
      if (isClosed) pump.run();
      if (pump.isDone && sender.open === 0) over.resolve();
    },
  });
  const send = ({ index, scheduledAtMs }: Scheduled) => {
    sender.send(requestId(index), index, isClosed ? clock.now() : measurements.startedAtMs() + scheduledAtMs);
    if (pump.isDone) drain = clock.after(command.drainMs, over.resolve);
  };
  const endPlan = () => {
    if (pump.isDone) return;
    pump.stop();
    if (sender.open === 0) over.resolve();
    else drain = clock.after(command.drainMs, over.resolve);
  };
  const pump = pumpOf(clock, schedule(command.load, command.seed), send, () => sender.open < callers);
  const reportProgress = () => {
    report({ report: 'progress', ...measurements.counts(clock.now()) });
    progress = clock.after(progressEveryMs, reportProgress);
  };

  const stopListening = await completions?.listen(sender.reported);
  try {
    const startedAtMs = clock.now() + leadMs;
    measurements.start(startedAtMs);
    if (!stop.aborted) pump.start(startedAtMs);
    // In a closed loop the callers may be too slow for the plan. They end with the load.
    if (isClosed) lastCall = clock.after(startedAtMs + durationMs(command.load) - clock.now(), endPlan);
    report({ report: 'started', startedAtMs });
    progress = clock.after(progressEveryMs, reportProgress);
    stop.addEventListener('abort', end);
    if (pump.isDone || stop.aborted) over.resolve();
    await over.promise;
  } finally {
    // Node would keep a combined signal with a listener, and all that the listener refers to, for ever.
    stop.removeEventListener('abort', end);
    pump.stop();
    clock.cancel(drain);
    clock.cancel(progress);
    clock.cancel(lastCall);
    stopListening?.();
    sender.settle();
  }
}

type Measurements = ReturnType<typeof measurementsOf>;

/** Measures a run. The memory doesn't grow with the number of requests. */
function measurementsOf(record: RecordFile<RecordLine>, host: Host) {
  const ledger = new Ledger();
  const errors = new FirstErrors();
  const [latencies, lags] = [emptyDistribution(buckets), emptyDistribution(buckets)];
  let startedAtMs = Number.NaN;
  let cpuBeforeMs = 0;
  const counts = (nowMs: number): Progress => ({
    ...ledger.counts(Math.max(0, nowMs - startedAtMs)),
    latencies,
    lags,
  });
  return {
    ledger,
    counts,
    startedAtMs: () => startedAtMs,
    /** Starts to count the CPU time. `atMs` is the time from which scheduled times count. */
    start(atMs: number): void {
      startedAtMs = atMs;
      cpuBeforeMs = host.cpuMs();
    },
    add(request: Omit<Request, 'connection'>): void {
      const { index, scheduledAtMs, sentAtMs, endedAtMs, outcome, status, attempts } = request;
      errors.add(request, startedAtMs);
      if (!Number.isNaN(sentAtMs)) addValue(lags, buckets, (sentAtMs - scheduledAtMs) / 1000);
      if (isCompleted(outcome)) addValue(latencies, buckets, (endedAtMs - scheduledAtMs) / 1000);
      record.add({
        index,
        scheduledAtMs: scheduledAtMs - startedAtMs,
        lagMs: sentAtMs - scheduledAtMs,
        latencyMs: endedAtMs - scheduledAtMs,
        outcome: outcome!,
        status,
        attempts,
      });
    },
    summary: (planned: number, nowMs: number, stalled: Stalled): Summary => ({
      ...counts(nowMs),
      startedAtMs,
      planned,
      accepted: ledger.accepted,
      acceptedMs: ledger.acceptedMs,
      duplicates: ledger.duplicates,
      firstErrors: errors.summary,
      cpuMs: host.cpuMs() - cpuBeforeMs,
      rssPeakBytes: host.rssPeakBytes(),
      stalled,
    }),
  };
}
