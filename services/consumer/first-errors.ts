import type { Call } from '#policies/policy.ts';

/** The first error of each event that this process has met and not seen the end of, as text. */
export class FirstErrors {
  readonly #countMax: number;
  readonly #errors = new Map<string, string>();

  /** Beyond `countMax` events the oldest is forgotten: another process may have seen its end. */
  constructor(countMax = 100_000) {
    this.#countMax = countMax;
  }

  /** Remembers the error, unless the event has had one. */
  note(id: string, error: unknown): void {
    if (this.#errors.has(id)) return;
    this.#errors.set(id, String(error));
    if (this.#errors.size <= this.#countMax) return;
    const [oldest] = this.#errors.keys(); // takes long where many before it were deleted
    this.#errors.delete(oldest!);
  }

  /** Notes the errors of a call. */
  noting(call: Call): Call {
    return async (work, signal) => {
      try {
        return await call(work, signal);
      } catch (error) {
        this.note(work.id, error);
        throw error;
      }
    };
  }

  of(id: string): string | undefined {
    return this.#errors.get(id);
  }

  /** The event has come to its end. */
  forget(id: string): void {
    this.#errors.delete(id);
  }
}
