import { isCompleted, type Outcome, outcomes } from '#kit/wire.ts';
import type { Span } from '#lab/result/incidents.ts';
import { recordHeader } from '#load/protocol.ts';
import { EvidenceError } from './evidence-error.ts';
import { eachLine } from './lines.ts';

/** The requests that were due in a span, or those of them that it has. */
export interface Part extends Span {
  has?(index: number): boolean;
}

/** What the generator says of each request, by index in columns: flat in memory for millions of requests. */
export class Requests {
  readonly size: number;
  /** Due time after the start, in ms. */
  readonly scheduledAtMs: Float64Array;
  /** Due time to the sending, in ms; NaN when it was never sent. */
  readonly lagMs: Float64Array;
  /** Due time to the end, in ms; NaN when it never ended. */
  readonly latencyMs: Float64Array;
  /** Attempts made for each; NaN if unknown. */
  readonly attempts: Float64Array;
  /** Lines that were not about a request of this plan, or about one that had a line. */
  strays = 0;
  /** Requests that have a line. */
  recorded = 0;
  /** Of them, those that were sent and got no answer: only the service knows what it made of them. */
  unanswered = 0;
  /** Those that failed or were dropped for want of a connection: no service has heard of them. */
  unconnected = 0;
  readonly #outcomes: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.scheduledAtMs = new Float64Array(size).fill(Number.NaN);
    this.lagMs = new Float64Array(size).fill(Number.NaN);
    this.latencyMs = new Float64Array(size).fill(Number.NaN);
    this.attempts = new Float64Array(size).fill(Number.NaN);
    this.#outcomes = new Uint8Array(size).fill(none);
  }

  /** Undefined for a request that has no line. */
  outcome(index: number): Outcome | undefined {
    return outcomes[this.#outcomes[index]!];
  }

  decide(index: number, outcome: Outcome): void {
    this.#outcomes[index] = outcomes.indexOf(outcome);
  }

  /** Brings what was recorded in slow motion back to the time of the experiment: every time ÷ `factor`. */
  speedUp(factor: number): void {
    for (const column of [this.scheduledAtMs, this.lagMs, this.latencyMs])
      column.forEach((ms, index) => {
        column[index] = ms / factor;
      });
  }

  /** Tells `ok` from `late` by another deadline. */
  judgeAgain(deadlineMs: number): void {
    for (let index = 0; index < this.size; index++) {
      if (!isCompleted(this.outcome(index))) continue;
      this.decide(index, this.latencyMs[index]! <= deadlineMs ? 'ok' : 'late');
    }
  }

  /** How many requests, of those in a part, ended in each outcome, zeros included. */
  count(part: Part = always): Record<Outcome, number> {
    const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
    for (let index = 0; index < this.size; index++) {
      const outcome = this.outcome(index);
      if (outcome && this.#isIn(part, index)) counts[outcome] += 1;
    }
    return counts;
  }

  /** Attempts made for those in a part whose count is known (`told`), and how many have an unknown one (`unreported`). */
  attemptsIn(part: Part): { readonly attempts: number; readonly told: number; readonly unreported: number } {
    const sum = { attempts: 0, told: 0, unreported: 0 };
    for (let index = 0; index < this.size; index++) {
      if (!this.outcome(index) || !this.#isIn(part, index)) continue;
      const attempts = this.attempts[index]!;
      if (Number.isNaN(attempts)) {
        sum.unreported += 1;
      } else {
        sum.attempts += attempts;
        sum.told += 1;
      }
    }
    return sum;
  }

  /** Scheduled time to the completion, of the requests, or those in a part, that completed, rising. */
  completedMs(part: Part = always): Float64Array {
    const completed = new Float64Array(this.size);
    let count = 0;
    for (let index = 0; index < this.size; index++) {
      const ms = this.latencyMs[index]!;
      if (isCompleted(this.outcome(index)) && !Number.isNaN(ms) && this.#isIn(part, index))
        completed[count++] = ms;
    }
    return completed.subarray(0, count).sort();
  }

  /** Delays from the scheduled time to the send, ascending. */
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
const always: Part = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };

/**
 * Reads the generator's record of a run that planned `size` requests; see `recordHeader` for its columns. A record that
 * `grows` may end within a line. Rejects with EvidenceError.
 */
export async function readRecord(file: string, size: number, grows = false): Promise<Requests> {
  const requests = new Requests(size);
  await eachLine(file, (line, number, isWhole) => {
    if (number === 1 ? line === recordHeader : isWhole && addLine(requests, line)) return;
    if (isWhole || !grows)
      throw new EvidenceError(`expected ${recordHeader}, got ${line.slice(0, 100)}`, {
        file,
        record: number,
      });
  });
  return requests;
}

const columns = recordHeader.split(',').length;

/** Returns false if the line is not a request's. */
function addLine(requests: Requests, line: string): boolean {
  const fields = line.split(',');
  const [indexText, scheduledAtMs, lagMs, latencyMs, outcome, status, attempts] = fields;
  const numbers = [indexText, scheduledAtMs, lagMs, latencyMs, attempts].map(Number);
  if (fields.length !== columns || numbers.some(Number.isNaN)) return false;
  const index = Number(indexText);
  const known =
    outcomes.includes(outcome as Outcome) && Number.isInteger(index) && index >= 0 && index < requests.size;
  if (!known || requests.outcome(index) !== undefined) {
    requests.strays += 1;
    return true;
  }
  requests.recorded += 1;
  if (lagMs !== '' && status === '0') requests.unanswered += 1;
  if (lagMs === '' && outcome !== 'unsent') requests.unconnected += 1;
  requests.scheduledAtMs[index] = Number(scheduledAtMs);
  if (lagMs !== '') requests.lagMs[index] = Number(lagMs);
  if (latencyMs !== '') requests.latencyMs[index] = Number(latencyMs);
  if (attempts !== '') requests.attempts[index] = Number(attempts);
  requests.decide(index, outcome as Outcome);
  return true;
}
