import type { Stalled } from '#kit/stalls.ts';
import type { Counts, Summary } from '#load/protocol.ts';
import { Ledger } from '#load/sending/ledger.ts';
import type { Request } from '#load/sending/request.ts';
import { FirstErrors } from './first-errors.ts';
import type { RecordFile } from './record.ts';

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
