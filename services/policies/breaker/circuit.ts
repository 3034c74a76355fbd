import { drawFor } from '#kit/random.ts';
import type { Surroundings, Work } from '#policies/policy.ts';
import type { BreakerOptions } from './options.ts';
import { createWindow, type Result, tooBad, type Window } from './window.ts';

type Closed = { readonly kind: 'closed'; readonly window: Window };
type Open = { readonly kind: 'open'; readonly window: Window; readonly untilMs: number };

interface HalfOpen {
  readonly kind: 'half-open';
  readonly window: Window;
  /** Time at which the breaker opens again, if the trial calls have not closed it. */
  readonly untilMs: number;
  /** Number of trial calls that may still start. */
  permits: number;
  /** Number of trial calls that must still succeed. */
  missing: number;
}

type Passing = Closed | HalfOpen;

/**
 * State machine of a breaker. Each transition creates a new state object. A call remembers the object of the state in
 * which it started. If the state has changed by the end of the call, its result is dropped.
 */
export class Circuit {
  readonly #options: BreakerOptions;
  readonly #surroundings: Surroundings;
  #state: Passing | Open;

  constructor(options: BreakerOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#state = this.#closed();
  }

  /** Returns the state in which a call starts now. Undefined if the call is refused. */
  admit(work: Work): Passing | undefined {
    this.#giveUpTrial(work);
    if (this.#state.kind === 'open' && this.retryAfterMs! <= 0) this.#become(this.#afterOpen(this.#state));
    const state = this.#state;
    if (state.kind === 'closed') return state;
    if (state.kind === 'open' || state.permits === 0) return undefined;
    state.permits -= 1;
    return state;
  }

  /** Remaining time in ms for which calls are refused. Undefined unless the breaker is open. */
  get retryAfterMs(): number | undefined {
    return this.#state.kind === 'open' ? this.#state.untilMs - this.#surroundings.clock.now() : undefined;
  }

  record(started: Passing, work: Work, result: Result): void {
    this.#giveUpTrial(work);
    if (this.#state !== started) return;
    if (started.kind === 'closed') {
      if (tooBad(started.window(result), this.#options)) this.#open(started.window, work);
    } else if (result.failed || result.slow) {
      this.#open(started.window, work);
    } else {
      started.missing -= 1;
      if (started.missing === 0) this.#become(this.#closed());
    }
  }

  /** Gives back the permit of a trial call that says nothing about downstream. */
  forget(started: Passing): void {
    if (started.kind === 'half-open') started.permits += 1;
  }

  #closed(): Closed {
    return { kind: 'closed', window: createWindow(this.#options.window, this.#surroundings.clock) };
  }

  /**
   * Opens again if the trial calls have brought no verdict in time. Otherwise a trial call that never ends would block
   * all other calls.
   */
  #giveUpTrial(work: Work): void {
    const state = this.#state;
    if (state.kind === 'half-open' && this.#surroundings.clock.now() >= state.untilMs)
      this.#open(state.window, work, state.untilMs);
  }

  #afterOpen({ window }: Open): Passing {
    const { halfOpen } = this.#options;
    if (halfOpen.kind === 'none') return { kind: 'closed', window };
    const { calls, maxWaitMs } = halfOpen;
    const untilMs = maxWaitMs === 0 ? Infinity : this.#surroundings.clock.now() + maxWaitMs;
    return { kind: 'half-open', window, untilMs, permits: calls, missing: calls };
  }

  #open(window: Window, work: Work, atMs = this.#surroundings.clock.now()): void {
    const { openMs, openJitter } = this.#options;
    const draw = drawFor(this.#surroundings.seed, work.id, work.attempts, 'breaker');
    this.#become({ kind: 'open', window, untilMs: atMs + openMs * (1 + openJitter * (2 * draw - 1)) });
  }

  #become(state: Passing | Open): void {
    this.#state = state;
    this.#surroundings.emit({ kind: 'breaker', state: state.kind });
  }
}
