import { errorLengthMax, historyMax, type Origin } from '#kit/broker/dead-letter.ts';
import type { Clock } from '#kit/clock.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected, TimedOut, type Work } from '#policies/policy.ts';

interface Past extends Pick<Origin, 'firstError' | 'history' | 'attempts'> {
  /** Reason (`failed` or `timeout`) and error of the last failed attempt; undefined if none failed in this process. */
  readonly last?: { readonly reason: string; readonly error: string } | undefined;
}

/** Returns the reason in a dead letter for an error. */
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
 * Remembers errors of events in flight: for each event the first error, and the last few with their times. Errors of
 * attempts replace those of refusals and queue timeouts.
 */
export class PastErrors {
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #textsMax: number;
  readonly #pasts = new Map<string, Known>();
  #texts = 0;
  /** Weak, since an error keeps its stack and causes in memory. */
  readonly #lastErrors = new WeakMap<Attempted, unknown>();

  /**
   * Forgets the oldest event when there are more than `textsMax` texts; another process may have ended that event. An
   * event has two texts for its first and last error, and one for each entry of its history. 100,000 texts are at most
   * 35 MB.
   */
  constructor(clock: Pick<Clock, 'wallTime'>, textsMax = 100_000) {
    this.#clock = clock;
    this.#textsMax = textsMax;
  }

  /**
   * Remembers an error, unless it is the same object as the last one of this work. `isTried` is true for an error of an
   * attempt.
   */
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
    const entry = `${this.#clock.wallTime().toISOString()}, attempt ${attempts}: ${text}`;
    history.push(beginning(entry, entryLengthMax));
    this.#texts += 1;
    if (history.length > historyMax) {
      history.shift();
      this.#texts -= 1;
    }
    while (this.#texts > this.#textsMax) {
      const [oldest] = this.#pasts.keys(); // slow after many deletions
      this.forget(oldest!);
    }
  }

  /** Wraps a call so that its errors are noted. */
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

  /** Adds the attempts of a delivery to the total of its event, if an error of that event is known. */
  made(id: string, attempts: number): void {
    const past = this.#pasts.get(id);
    if (past) past.attempts += attempts;
  }

  /** Returns the errors of an event. They include those in `before`, from before its last redrive. */
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

/** Small, since many events may wait for their redelivery at once. */
const entryLengthMax = 200;

/** Returns a copy of the beginning; the result of `slice` would keep the whole text in memory. */
const beginning = (text: string, lengthMax: number): string =>
  new TextDecoder().decode(new TextEncoder().encode(text.slice(0, lengthMax)));
