import { wallTime } from '#kit/clock.ts';
import { historyMax, type Origin } from '#kit/letter.ts';
import type { Call, Work } from '#policies/policy.ts';

/** What an event has met so far. */
export type Past = Pick<Origin, 'firstError' | 'history'>;

/** The errors of each event that this process has met and not seen the end of: the first, and the last few with their times. */
export class PastErrors {
  readonly #countMax: number;
  readonly #pasts = new Map<string, { firstError: string; lastError: unknown; history: string[] }>();

  /** Beyond `countMax` events the oldest is forgotten: another process may have seen its end. */
  constructor(countMax = 100_000) {
    this.#countMax = countMax;
  }

  /** Remembers the error, unless it is the one before, on its way out. */
  note({ id, attempts }: Pick<Work, 'id' | 'attempts'>, error: unknown): void {
    const text = String(error);
    const past = this.#pasts.get(id) ?? this.#begin(id, text);
    if (past.lastError === error) return;
    past.lastError = error;
    past.history.push(`${wallTime().toISOString()}, attempt ${attempts}: ${text}`.slice(0, lengthMax));
    if (past.history.length > historyMax) past.history.shift();
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

  /** Of an event, with what was before its last redrive. */
  after(before: Past, id: string): Past {
    const past = this.#pasts.get(id);
    return {
      firstError: before.firstError ?? past?.firstError,
      history: [...before.history, ...(past?.history ?? [])].slice(-historyMax),
    };
  }

  /** The event has come to its end. */
  forget(id: string): void {
    this.#pasts.delete(id);
  }

  #begin(id: string, firstError: string) {
    const past = { firstError, lastError: undefined as unknown, history: [] as string[] };
    this.#pasts.set(id, past);
    if (this.#pasts.size > this.#countMax) {
      const [oldest] = this.#pasts.keys(); // takes long where many before it were deleted
      this.#pasts.delete(oldest!);
    }
    return past;
  }
}

/** Many events wait for their redelivery at once. */
const lengthMax = 200;
