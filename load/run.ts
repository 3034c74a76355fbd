import type { Clock, Timer } from '#kit/clock.ts';
import { EventLoop, type Stalled } from '#kit/stalls.ts';
import { hostIn } from '#kit/urls.ts';
import { requestId } from '#kit/wire.ts';
import type { Command } from './commands.ts';
import type { Completions } from './completions.ts';
import { FirstErrors } from './figures/first-errors.ts';
import { RecordFile } from './figures/record.ts';
import { durationMs, planned, type Scheduled, schedule } from './phases.ts';
import type { Counts, Report, Summary } from './protocol.ts';
import type { Connections } from './sending/connections.ts';
import { Ledger } from './sending/ledger.ts';
import { Pump } from './sending/pump.ts';
import type { Request } from './sending/request.ts';
import { Sender } from './sending/sender.ts';

export interface Surroundings {
  readonly clock: Clock;
  readonly connections: Connections;
  /** Undefined on the RPC path. */
  readonly completions: Completions | undefined;
  readonly report: (report: Report) => void;
}

type RunCommand = Extract<Command, { do: 'run' }>;

const progressEveryMs = 250;
/** From the end of the preparations to the start of the first phase. */
const leadMs = 20;

/**
 * Offers a load and sums up what became of it. Aborting `stop` ends it at once, with what was measured until then.
 * Rejects with ConnectError or RecordError.
 */
export async function run(
  command: RunCommand,
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<Summary> {
  const requests = planned(command.load, command.seed);
  if (!command.onDemand) await surroundings.connections.open();
  const unrecorded = new AbortController();
  const record = await RecordFile.create(command.recordFile, (error) => unrecorded.abort(error));
  const measurements = new Measurements(record);
  const loop = new EventLoop(surroundings.clock);
  let stalled: Stalled;
  try {
    await offer(command, surroundings, measurements, AbortSignal.any([stop, unrecorded.signal]));
  } finally {
    stalled = loop.since(measurements.startedAtMs);
    loop.stop();
    await record.close();
  }
  return measurements.summary(requests, surroundings.clock.now(), stalled);
}

/** Resolves when everything has ended, when the drain is over, or when `stop` aborts. */
async function offer(
  command: RunCommand,
  { clock, connections, completions, report }: Surroundings,
  measurements: Measurements,
  stop: AbortSignal,
): Promise<void> {
  const { callers = Number.POSITIVE_INFINITY } = command;
  const isClosed = callers < Number.POSITIVE_INFINITY;
  const over = Promise.withResolvers<void>();
  let startAtMs = Number.NaN;
  let isOver = false;
  let drain: Timer;
  let progress: Timer;
  let patience: Timer;

  const sender = new Sender({
    ...command,
    host: hostIn(command.url),
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
    sender.send(requestId(index), index, isClosed ? clock.now() : startAtMs + scheduledAtMs);
    if (pump.isDone) drain = clock.after(command.drainMs, over.resolve);
  };
  const pump = new Pump(clock, schedule(command.load, command.seed), send, () => sender.open < callers);
  const reportProgress = () => {
    const counts = measurements.counts(clock.now());
    report({ report: 'progress', ...counts });
    const { elapsedMs } = counts;
    void measurements.recorded().then(() => isOver || report({ report: 'recorded', elapsedMs }));
    progress = clock.after(progressEveryMs, reportProgress);
  };

  const stopListening = await completions?.listen(sender.reported);
  try {
    startAtMs = clock.now() + leadMs;
    measurements.start(startAtMs);
    pump.start(startAtMs);
    // Callers that get no answer never come to the rest of the plan.
    if (isClosed) patience = clock.after(durationMs(command.load) + command.drainMs, over.resolve);
    report({ report: 'started', startedAtMs: startAtMs });
    progress = clock.after(progressEveryMs, reportProgress);
    stop.addEventListener('abort', () => over.resolve());
    if (pump.isDone || stop.aborted) over.resolve();
    await over.promise;
  } finally {
    isOver = true;
    pump.stop();
    clock.cancel(drain);
    clock.cancel(progress);
    clock.cancel(patience);
    stopListening?.();
    sender.settle();
  }
}

/** Everything that a run measures, in memory that does not grow with the number of requests. */
export class Measurements {
  readonly ledger = new Ledger();
  readonly #record: RecordFile;
  readonly #errors = new FirstErrors();
  #startedAtMs = Number.NaN;
  #cpuBefore = process.cpuUsage();

  constructor(record: RecordFile) {
    this.#record = record;
  }

  /** Due times and CPU count from here. */
  start(atMs: number): void {
    this.#startedAtMs = atMs;
    this.#errors.start(atMs);
    this.#cpuBefore = process.cpuUsage();
  }

  counts(nowMs: number): Counts {
    return this.ledger.counts(Math.max(0, nowMs - this.#startedAtMs));
  }

  /** Resolves when all that was added until now is in the record. */
  recorded(): Promise<void> {
    return this.#record.flush();
  }

  /** Takes a request that has come to its end. */
  add(request: Request): void {
    const { index, scheduledAtMs, sentAtMs, endedAtMs, outcome, status, attempts } = request;
    this.#errors.add(request);
    const [afterMs, lagMs, latencyMs] = [
      scheduledAtMs - this.#startedAtMs,
      sentAtMs - scheduledAtMs,
      endedAtMs - scheduledAtMs,
    ];
    const times = `${field(afterMs)},${field(lagMs)},${field(latencyMs)}`;
    this.#record.add(`${index},${times},${outcome},${status},${attempts ?? ''}`);
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  summary(planned: number, nowMs: number, stalled: Stalled): Summary {
    const cpu = process.cpuUsage(this.#cpuBefore);
    return {
      ...this.counts(nowMs),
      startedAtMs: this.#startedAtMs,
      planned,
      accepted: this.ledger.accepted,
      duplicates: this.ledger.duplicates,
      firstErrors: this.#errors.summary,
      cpuMs: (cpu.user + cpu.system) / 1000,
      rssPeakBytes: process.resourceUsage().maxRSS * 1024,
      stalled,
    };
  }
}

/** Microseconds are as much as the clock knows; what never came stays empty. */
const field = (ms: number): string => (Number.isNaN(ms) ? '' : ms.toFixed(3));
