import { type Outcome, outcomes } from '#kit/wire.ts';
import type { Counts } from '#load/protocol.ts';

/** Counts requests by outcome. At any time, offered = in flight + the sum of the outcomes. */
export class Ledger {
  accepted = 0;
  /** Sum of the times from scheduled to accepted. */
  acceptedMs = 0;
  duplicates = 0;
  #offered = 0;
  #inFlight = 0;
  readonly #outcomes = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;

  offered(): void {
    this.#offered += 1;
    this.#inFlight += 1;
  }

  /** Counts the outcome of a request, or its change from a provisional outcome to another outcome. */
  moved(from: Outcome | undefined, to: Outcome): void {
    if (from === undefined) this.#inFlight -= 1;
    else this.#outcomes[from] -= 1;
    this.#outcomes[to] += 1;
  }

  /** Counts a request accepted `afterMs` after its scheduled time. `duplicate`: the stream already held the event. */
  accept(duplicate: boolean, afterMs: number): void {
    this.accepted += 1;
    this.acceptedMs += afterMs;
    if (duplicate) this.duplicates += 1;
  }

  counts(elapsedMs: number): Counts {
    const seen = outcomes.filter((outcome) => this.#outcomes[outcome] !== 0);
    return {
      elapsedMs,
      offered: this.#offered,
      inFlight: this.#inFlight,
      outcomes: Object.fromEntries(seen.map((outcome) => [outcome, this.#outcomes[outcome]])),
    };
  }
}
