import { errorLengthMax, historyMax, type Origin } from '#kit/broker/dead-letter.ts';
import { wallTime } from '#kit/clock.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected, TimedOut, type Work } from '#policies/policy.ts';

/** What an event has met so far. */
export interface Past extends Pick<Origin, 'firstError' | 'history' | 'attempts'> {
  /** Why its last attempt failed: `failed` or `timeout`, with its error; undefined if this process made none. */
  readonly last?: { readonly reason: string; readonly error: string } | undefined;
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
  last?: Past['last'];
}

/**
 * The errors of each event that this process has met and not seen the end of: the first, and the last few with their
 * times. They are those of its attempts; refusals and waits in a queue stand there only until an attempt has failed.
 */
export class PastErrors {
  readonly #textsMax: number;
  readonly #pasts = new Map<string, Known>();
  #texts = 0;
  /** No longer than the work is under way: an error has its stack, and what caused it. */
  readonly #lastErrors = new WeakMap<Attempted, unknown>();

  /**
   * Beyond `textsMax`, of which each event has two for its first and last error and one for each entry of its history, the
   * oldest event is forgotten: another process may have seen its end. 100,000 texts are at most 35 MB.
   */
  constructor(textsMax = 100_000) {
    this.#textsMax = textsMax;
  }

  /** Remembers the error, unless it is the one before of this work, on its way out. `isTried`: it is that of an attempt. */
  note(work: Attempted, error: unknown, isTried = true): void {
    if (this.#lastErrors.get(work) === error) return;
    this.#lastErrors.set(work, error);
    const { id, attempts } = work;
    const wasTried = this.#pasts.get(id)?.last !== undefined;
    if (wasTried && !isTried) return;
    const text = String(error);
    const past = (wasTried === isTried && this.#pasts.get(id)) || this.#begin(id, text);
    const { history } = past;
    if (isTried) past.last = { reason: reasonOf(error), error: beginning(text, errorLengthMax) };
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
      const { attempts } = work;
      try {
        return await call(work, signal);
      } catch (error) {
        this.note(work, error, work.attempts > attempts && !(error instanceof Rejected));
        throw error;
      }
    };
  }

  /** Adds the attempts of a delivery to those of an event that has met an error. */
  made(id: string, attempts: number): void {
    const past = this.#pasts.get(id);
    if (past) past.attempts += attempts;
  }

  /** Errors of an event, after those before its last redrive. */
  after(before: Omit<Past, 'last'>, id: string): Past {
    const past = this.#pasts.get(id);
    const wasTried = before.attempts > 0;
    const isTried = past?.last !== undefined;
    const older = isTried && !wasTried ? undefined : before;
    const newer = wasTried && !isTried ? undefined : past;
    return {
      firstError: older?.firstError ?? newer?.firstError,
      history: [...(older?.history ?? []), ...(newer?.history ?? [])].slice(-historyMax),
      attempts: before.attempts + (past?.attempts ?? 0),
      last: past?.last,
    };
  }

  /** The event has come to its end. */
  forget(id: string): void {
    const past = this.#pasts.get(id);
    if (!past) return;
    this.#pasts.delete(id);
    this.#texts -= 2 + past.history.length;
  }

  #begin(id: string, error: string) {
    const attempts = this.#pasts.get(id)?.attempts ?? 0;
    this.forget(id);
    const past: Known = { firstError: beginning(error, errorLengthMax), history: [], attempts };
    this.#pasts.set(id, past);
    this.#texts += 2;
    return past;
  }
}

type Attempted = Pick<Work, 'id' | 'attempts'>;

/** Many events wait for their redelivery at once. */
const entryLengthMax = 200;

/** A copy, since what `slice` makes keeps the whole text in memory. */
const beginning = (text: string, lengthMax: number): string =>
  Buffer.from(text.slice(0, lengthMax)).toString();
