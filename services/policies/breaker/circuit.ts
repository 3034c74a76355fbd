import { drawFor } from '#kit/random.ts';
import type { Surroundings, Work } from '#policies/policy.ts';
import type { BreakerOptions } from './options.ts';
import { createWindow, type Result, type Tally, type Window } from './window.ts';

type Closed = { readonly kind: 'closed'; readonly window: Window };
type Open = { readonly kind: 'open'; readonly window: Window; readonly untilMs: number };

interface HalfOpen {
  readonly kind: 'half-open';
  readonly window: Window;
  /** Time at which the breaker opens again without a verdict. */
  readonly untilMs: number;
  /** Trial calls that may still start. */
  permits: number;
  /** Trial calls that must still go well. */
  missing: number;
}

/** A state that lets calls through. */
export type Passing = Closed | HalfOpen;

/**
 * The state machine of a breaker. A state is left by putting a fresh object in its place, so that a call that started
 * in another state is known by identity, and its late result dropped.
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

  /** Returns the state in which a call starts now; undefined if it may not. */
  admit(work: Work): Passing | undefined {
    this.#giveUpTrial(work);
    if (this.#state.kind === 'open' && this.retryAfterMs! <= 0) this.#become(this.#afterOpen(this.#state));
    const state = this.#state;
    if (state.kind === 'closed') return state;
    if (state.kind === 'open' || state.permits === 0) return undefined;
    state.permits -= 1;
    return state;
  }

  /** Time in ms for which calls will still be refused; undefined if that depends on calls under way. */
  get retryAfterMs(): number | undefined {
    return this.#state.kind === 'open' ? this.#state.untilMs - this.#surroundings.clock.now() : undefined;
  }

  /** Records the result of a call that started in the given state. */
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

  /** Takes back a call whose end says nothing about downstream. */
  forget(started: Passing): void {
    if (started.kind === 'half-open') started.permits += 1;
  }

  #closed(): Closed {
    return { kind: 'closed', window: createWindow(this.#options.window, this.#surroundings.clock) };
  }

  /** Opens again if the trial calls have brought no verdict in time: one that never ends would keep all others out. */
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
    const { seed } = this.#surroundings;
    const draw = drawFor(seed, work.id, work.attempts, 'breaker');
    this.#become({ kind: 'open', window, untilMs: atMs + openMs * (1 + openJitter * (2 * draw - 1)) });
  }

  #become(state: Passing | Open): void {
    this.#state = state;
    this.#surroundings.emit({ kind: 'breaker', state: state.kind });
  }
}

function tooBad({ calls, failures, slow }: Tally, options: BreakerOptions): boolean {
  const { window, failures: failuresMax = Infinity, failureRatio = Infinity, slowRatio = Infinity } = options;
  const { minimumCalls = window.kind === 'count' ? window.size : 20 } = options;
  if (calls < minimumCalls) return false;
  return failures >= failuresMax || failures / calls >= failureRatio || slow / calls >= slowRatio;
}
