import {
  attemptsPattern,
  forgottenLine,
  isCompleted,
  type Outcome,
  outcomes,
  requestIndex,
} from '#kit/wire.ts';
import type { Span } from '#lab/experiment/span.ts';
import { recordHeader } from '#load/protocol.ts';
import type { RecordLine } from '#load/record-file.ts';
import type { Ending } from '#load/sending/request.ts';
import { EvidenceError, matched } from './evidence-error.ts';
import type { Text } from './files.ts';
import { eachLine } from './lines.ts';

/** Requests that were scheduled in a span. With `has`, only requests for which `has` returns true. */
export interface Part extends Span {
  has?(index: number): boolean;
}

/** Generator's record: an array per column, indexed by request, compact for millions of requests. */
export class Requests {
  readonly size: number;
  /** Time from the start of the load to the scheduled time, in ms. */
  readonly scheduledAtMs: Float64Array;
  /** Time from the scheduled time to the send, in ms; NaN if the request was never sent. */
  readonly lagMs: Float64Array;
  /** Time from the scheduled time to the end, in ms; NaN if the request never ended. */
  readonly latencyMs: Float64Array;
  /** Number of attempts; NaN if unknown. */
  readonly attempts: Float64Array;
  /** Number of lines of requests outside the plan or with a line already, or with an unknown outcome. */
  strays = 0;
  /** Number of requests that have a line. */
  recorded = 0;
  /** Number of requests that were sent and got no answer. Only the service knows their outcome. */
  unanswered = 0;
  /** Number of requests that failed or were dropped without a connection, so that no service received them. */
  unconnected = 0;
  /** Number of requests whose outcome contradicts the rest of their line. */
  misfits = 0;
  /** Outcomes by their number in `outcomes`. */
  readonly outcomeNumbers: Uint8Array;

  constructor(size: number) {
    const blank = () => new Float64Array(size).fill(Number.NaN);
    this.size = size;
    this.scheduledAtMs = blank();
    this.lagMs = blank();
    this.latencyMs = blank();
    this.attempts = blank();
    this.outcomeNumbers = new Uint8Array(size).fill(none);
  }

  /** Returns undefined for a request without a line. */
  outcome(index: number): Outcome | undefined {
    return outcomes[this.outcomeNumbers[index]!];
  }

  add(line: RecordLine, isPossible: Possible = () => true): void {
    const { index, scheduledAtMs, lagMs, latencyMs, outcome, status, attempts = Number.NaN } = line;
    const isPlanned = Number.isInteger(index) && index >= 0 && index < this.size;
    if (!isPlanned || !outcomes.includes(outcome) || this.outcome(index) !== undefined) {
      this.strays += 1;
      return;
    }
    this.recorded += 1;
    if (!Number.isNaN(lagMs) && status === 0) this.unanswered += 1;
    if (Number.isNaN(lagMs) && outcome !== 'unsent') this.unconnected += 1;
    if (!isPossible({ outcome, status, lagMs, latencyMs, attempts })) this.misfits += 1;
    this.scheduledAtMs[index] = scheduledAtMs;
    this.lagMs[index] = lagMs;
    this.latencyMs[index] = latencyMs;
    this.attempts[index] = attempts;
    this.decide(index, outcome);
  }

  decide(index: number, outcome: Outcome): void {
    this.outcomeNumbers[index] = outcomes.indexOf(outcome);
  }

  /** Turns failed requests that were sent, but never attempted, into rejected ones. */
  rejectUntried(): void {
    for (const [index, attempts] of this.attempts.entries())
      if (attempts === 0 && this.outcome(index) === 'failed' && !Number.isNaN(this.lagMs[index]))
        this.decide(index, 'rejected');
  }

  speedUp(factor: number): void {
    for (const column of [this.scheduledAtMs, this.lagMs, this.latencyMs])
      column.set(column.map((ms) => ms / factor));
  }

  /** Counts the requests in a part by outcome. Outcomes that never happened have the count 0. */
  count(part: Part = always): Record<Outcome, number> {
    const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
    for (let index = 0; index < this.size; index++) {
      const outcome = this.outcome(index);
      if (outcome && this.#isIn(part, index)) counts[outcome] += 1;
    }
    return counts;
  }

  /** Sums the attempts in a part, and counts the requests whose attempts are known (`reported`) or not. */
  attemptsIn(part: Part = always): Readonly<Record<'attempts' | 'reported' | 'unreported', number>> {
    const sum = { attempts: 0, reported: 0, unreported: 0 };
    for (let index = 0; index < this.size; index++) {
      if (!this.outcome(index) || !this.#isIn(part, index)) continue;
      const attempts = this.attempts[index]!;
      sum.attempts += attempts || 0;
      sum[Number.isNaN(attempts) ? 'unreported' : 'reported'] += 1;
    }
    return sum;
  }

  /** Returns the latencies of the completed requests in a part, ascending. */
  completedMs(part: Part = always): Float64Array {
    return this.latencyMs
      .filter((ms, index) => isCompleted(this.outcome(index)) && !Number.isNaN(ms) && this.#isIn(part, index))
      .sort();
  }

  /** Returns the time at which each request ended, by index; Infinity if it did not end. */
  endsMs(): Float64Array {
    const endOf = (latencyMs: number, index: number) => this.scheduledAtMs[index]! + latencyMs;
    return this.latencyMs.map((ms, index) => (Number.isNaN(ms) ? Infinity : endOf(ms, index)));
  }

  sentMs(): Float64Array {
    return this.lagMs.filter((ms) => !Number.isNaN(ms)).sort();
  }

  #isIn(part: Part, index: number): boolean {
    if (part === always) return true;
    const scheduledAtMs = this.scheduledAtMs[index]!;
    return scheduledAtMs >= part.fromMs && scheduledAtMs < part.untilMs && (part.has?.(index) ?? true);
  }
}

const none = 255;
const always: Part = { fromMs: -Infinity, untilMs: Infinity };

export type Possible = (ending: Ending) => boolean;

/** `size` requests are planned. `isPossible` is true if one can end like this. Rejects with EvidenceError. */
export async function readRecord(
  text: Text,
  size: number,
  isPossible: Possible = () => true,
): Promise<Requests> {
  const requests = new Requests(size);
  await eachLine(text, (line, record, isWhole) => {
    if (record === 1 ? line === recordHeader : isWhole && addLine(requests, line, isPossible)) return;
    throw new EvidenceError(`expected ${recordHeader}, got ${line.slice(0, 100)}`, {
      file: text.path,
      record,
    });
  });
  return requests;
}

const columns = recordHeader.split(',').length;

/** Adds a line of the record. Returns false if the line is not in the format of the record. */
function addLine(requests: Requests, line: string, isPossible: Possible): boolean {
  const fields = line.split(',');
  const [indexText, scheduledAtMs, lagText, latencyText, ending, status, attemptsText] = fields;
  const numbers = [indexText, scheduledAtMs, lagText, latencyText].map(Number);
  if (fields.length !== columns || numbers.some(Number.isNaN)) return false;
  if (!/^\d{1,3}$/.test(status!) || !/^\d*$/.test(attemptsText!)) return false;
  const [lagMs = Number.NaN, latencyMs = Number.NaN, attempts] = [lagText, latencyText, attemptsText].map(
    (field) => (field === '' ? Number.NaN : Number(field)),
  );
  const [index, outcome] = [Number(indexText), ending as Outcome];
  requests.add(
    {
      index,
      scheduledAtMs: Number(scheduledAtMs),
      lagMs,
      latencyMs,
      outcome,
      status: Number(status),
      attempts,
    },
    isPossible,
  );
  return true;
}

/**
 * Fills in attempt counts that the caller did not report, from the counts of downstream's replicas: 0 for a
 * request without a count, or unknown if downstream has forgotten ids. Rejects with EvidenceError.
 */
export async function fillAttempts({ attempts }: Pick<Requests, 'attempts'>, text: Text): Promise<void> {
  const counted = new Float64Array(attempts.length);
  await eachLine(text, (line, number) => {
    if (line === forgottenLine) return void counted.fill(Number.NaN);
    const [, id, count] = matched(attemptsPattern, line, 'attempts', { file: text.path, record: number });
    const index = requestIndex(id!);
    // Each replica of downstream has its own lines.
    if (index in counted) counted[index] = (counted[index] || 0) + Number(count);
  });
  for (const [index, count] of counted.entries()) if (Number.isNaN(attempts[index])) attempts[index] = count;
}
