import { errorLengthMax, type Origin } from '#kit/broker/dead-letter.ts';
import { TooLate } from '#policies/deadline.ts';
import { type Call, Rejected, TimedOut, type Work } from '#policies/policy.ts';

interface Past extends Pick<Origin, 'firstError' | 'attempts'> {
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
  attempts: number;
  last?: Past['last'];
}

/** Remembers errors of events in flight: for each event the first one, and the last one of an attempt. */
export class PastErrors {
  readonly #eventsMax: number;
  readonly #pasts = new Map<string, Known>();

  /**
   * Forgets the oldest event when there are more than `eventsMax`; another process may have ended that event. The
   * errors of 10,000 events are at most 10 million characters.
   */
  constructor(eventsMax = 10_000) {
    this.#eventsMax = eventsMax;
  }

  /**
   * Remembers an error. `isTried` is true for an error of an attempt. Another one, such as a refusal, is remembered only
   * if it is the first error, since a refused event asks again and again.
   */
  note({ id }: Pick<Work, 'id'>, error: unknown, isTried = true): void {
    const known = this.#pasts.get(id);
    if (known && !isTried) return;
    const text = String(error);
    const past = known ?? this.#begin(id, text);
    if (isTried) past.last = { reason: reasonOf(error), error: beginning(text, errorLengthMax) };
  }

  /** Wraps the call that makes an attempt so that its errors are noted. */
  noting(call: Call): Call {
    return (work, signal) =>
      call(work, signal).catch((error) => {
        this.note(work, error);
        throw error;
      });
  }

  /** Adds the attempts of a delivery to the total of its event, if an error of that event is known. */
  made(id: string, attempts: number): void {
    const past = this.#pasts.get(id);
    if (past) past.attempts += attempts;
  }

  /** Returns the errors of an event. They include those in `before`, from before its last redrive. */
  after(before: Omit<Past, 'last'>, id: string): Past {
    const past = this.#pasts.get(id);
    return {
      firstError: before.firstError ?? past?.firstError,
      attempts: before.attempts + (past?.attempts ?? 0),
      last: past?.last,
    };
  }

  forget(id: string): void {
    this.#pasts.delete(id);
  }

  #begin(id: string, error: string): Known {
    const [oldest] = this.#pasts.size >= this.#eventsMax ? this.#pasts.keys() : [];
    if (oldest !== undefined) this.forget(oldest); // slow after many deletions
    const past = { firstError: beginning(error, errorLengthMax), attempts: 0 };
    this.#pasts.set(id, past);
    return past;
  }
}

/** Returns a copy of the beginning; the result of `slice` would keep the whole text in memory. */
const beginning = (text: string, lengthMax: number): string =>
  new TextDecoder().decode(new TextEncoder().encode(text.slice(0, lengthMax)));
