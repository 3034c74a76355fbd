import { wallTime } from '#kit/clock.ts';
import { errorLengthMax, historyMax, type Origin } from '#kit/letter.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected, TimedOut, type Work } from '#policies/policy.ts';

/** What an event has met so far. */
export interface Past extends Pick<Origin, 'firstError' | 'history' | 'attempts'> {
  /** Why its last attempt failed: `failed` or `timeout`; undefined if this process made none. */
  readonly lastReason?: string | undefined;
}

/** The stable word for an error, as dead letters have it. */
export function reasonOf(error: unknown): string {
  if (error instanceof TooLate) return 'expired';
  if (error instanceof Rejected) return 'rejected';
  return error instanceof TimedOut ? 'timeout' : 'failed';
}

interface Known {
  readonly firstError: string;
  readonly history: string[];
  attempts: number;
  lastReason?: string;
}

/** The errors of each event that this process has met and not seen the end of: the first, and the last few with their times. */
export class PastErrors {
  readonly #textsMax: number;
  readonly #pasts = new Map<string, Known>();
  #texts = 0;
  /** No longer than the work is under way: an error has its stack, and what caused it. */
  readonly #lastErrors = new WeakMap<Attempted, unknown>();

  /**
   * Beyond `textsMax`, of which each event has one for its first error and one for each of its last, the oldest event is
   * forgotten: another process may have seen its end. 100,000 texts are 35 MB where all of them are as long as they may be.
   */
  constructor(textsMax = 100_000) {
    this.#textsMax = textsMax;
  }

  /** Remembers the error, unless it is the one before of this work, on its way out. */
  note(work: Attempted, error: unknown): void {
    if (this.#lastErrors.get(work) === error) return;
    this.#lastErrors.set(work, error);
    const { id, attempts } = work;
    const text = String(error);
    const past = this.#pasts.get(id) ?? this.#begin(id, text);
    const { history } = past;
    if (!(error instanceof Rejected)) past.lastReason = reasonOf(error);
    const entry = `${wallTime().toISOString()}, attempt ${attempts}: ${text}`;
    history.push(beginning(entry, entryLengthMax));
    this.#texts += 1;
    if (history.length > historyMax) {
      history.shift();
      this.#texts -= 1;
    }
    while (this.#texts > this.#textsMax) {
      const [oldest] = this.#pasts.keys(); // takes long where many before it were deleted
      this.forget(oldest!);
    }
  }

  /** Notes the errors of a call. */
  noting(call: Call): Call {
    return async (work, signal) => {
      try {
        return await call(work, signal);
      } catch (error) {
        this.note(work, error);
        throw error;
      }
    };
  }

  /** Adds the attempts of a delivery to those of an event that has met an error. */
  made(id: string, attempts: number): void {
    const past = this.#pasts.get(id);
    if (past) past.attempts += attempts;
  }

  /** Of an event, with what was before its last redrive. */
  after(before: Omit<Past, 'lastReason'>, id: string): Past {
    const past = this.#pasts.get(id);
    return {
      firstError: before.firstError ?? past?.firstError,
      history: [...before.history, ...(past?.history ?? [])].slice(-historyMax),
      attempts: before.attempts + (past?.attempts ?? 0),
      lastReason: past?.lastReason,
    };
  }

  /** The event has come to its end. */
  forget(id: string): void {
    const past = this.#pasts.get(id);
    if (!past) return;
    this.#pasts.delete(id);
    this.#texts -= 1 + past.history.length;
  }

  #begin(id: string, error: string) {
    const past: Known = { firstError: beginning(error, errorLengthMax), history: [], attempts: 0 };
    this.#pasts.set(id, past);
    this.#texts += 1;
    return past;
  }
}

type Attempted = Pick<Work, 'id' | 'attempts'>;

/** Many events wait for their redelivery at once. */
const entryLengthMax = 200;

/** A copy, since what `slice` makes keeps the whole text in memory. */
const beginning = (text: string, lengthMax: number): string =>
  Buffer.from(text.slice(0, lengthMax)).toString();
