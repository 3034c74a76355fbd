import type { Static } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { drawFor } from '#kit/random.ts';
import { type Problem, refuse } from '#kit/schema/problems.ts';
import { integer, number, positive, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { type Policy, Rejected, type Surroundings, type Work } from './policy.ts';
import { recent } from './recent.ts';

const windowKinds = {
  count: strict(
    { size: integer(1, 10_000, 'Number of results.', 20) },
    { description: 'The last `size` results.' },
  ),
  time: strict(
    {
      ms: number(1, 3_600_000, 'Length of the time span.', 10_000),
      buckets: integer(
        1,
        1000,
        'Number of parts of the time span. Old results are forgotten one part at a time.',
        10,
      ),
    },
    { description: 'The results of the last `ms`.' },
  ),
};

const halfOpenKinds = {
  trial: strict(
    {
      calls: integer(1, 1000, 'Number of trial calls. All must succeed.', 1),
      maxWaitMs: number(
        0,
        3_600_000,
        'Longest time in half-open. If the trial calls bring no verdict in this time, the breaker opens again. 0: without limit.',
        60_000,
      ),
    },
    {
      description:
        'Allows `calls` trial calls and refuses other calls. Closes when all trial calls have succeeded.',
    },
  ),
  none: strict(
    {},
    {
      description:
        'Closes after the open time without trial calls. Keeps the results that the window had when the breaker opened.',
    },
  ),
};

const ratio = (description: string) => Type.Optional(positive(1, description));

export const BreakerOptions = strict(
  {
    window: tagged('kind', windowKinds, {
      description: 'The results that decide whether the breaker opens.',
    }),
    minimumCalls: Type.Optional(
      integer(
        1,
        1_000_000,
        'Results required in the window before the breaker can open. Default: `size` in a count window, 20 in a time window.',
      ),
    ),
    failures: Type.Optional(integer(1, 1_000_000, 'Opens at this number of failures in the window.')),
    failureRatio: ratio('Opens at this share of failures in the window.'),
    slowCallMs: Type.Optional(number(1, 3_600_000, 'Duration above which a call is slow.')),
    slowRatio: ratio('Opens at this share of slow calls in the window.'),
    openMs: number(1, 3_600_000, 'Time for which an open breaker refuses calls.', 5000),
    openJitter: number(0, 1, 'Lengthens or shortens each open time at random, by up to this share.', 0),
    halfOpen: {
      ...tagged('kind', halfOpenKinds, { description: 'State after the open time.' }),
      default: { kind: 'trial' },
    },
  },
  { description: 'Refuses calls for a while when too many have failed.' },
);
export type BreakerOptions = Static<typeof BreakerOptions>;

/** Returns problems that the schema can't detect: fields that contradict each other, or a field that needs another. */
export function breakerProblems(options: BreakerOptions): Problem[] {
  const { window, failures, failureRatio, slowCallMs, slowRatio } = options;
  const problems: Problem[] = [];
  const expect = (fine: boolean, pointer: string, message: string) => {
    if (!fine) problems.push({ pointer, message: `expected ${message}` });
  };
  const opens = (failures ?? failureRatio ?? slowRatio) !== undefined;
  expect(
    opens,
    '',
    'one of the fields failures, failureRatio or slowRatio: without one the breaker never opens',
  );
  const hasBoth = failures !== undefined && failureRatio !== undefined;
  expect(!hasBoth, '/failureRatio', 'either failures or failureRatio, got both');
  expect(slowRatio === undefined || slowCallMs !== undefined, '/slowRatio', 'a field slowCallMs beside it');
  expect(slowCallMs === undefined || slowRatio !== undefined, '/slowCallMs', 'a field slowRatio beside it');
  if (window.kind === 'count') {
    for (const field of ['failures', 'minimumCalls'] as const) {
      const count = options[field] ?? 0;
      expect(count <= window.size, `/${field}`, `a number <= window.size (${window.size}), got ${count}`);
    }
  }
  return problems;
}

/** Thrown while the breaker refuses calls, since too many earlier calls have failed or were slow. */
export class BreakerOpen extends Rejected {
  override readonly name = 'BreakerOpen';

  constructor(retryAfterMs: number | undefined) {
    const until =
      retryAfterMs === undefined ? 'its trial calls end' : `${Math.ceil(retryAfterMs)} ms from now`;
    super('breaker', `the breaker refuses calls until ${until}`, retryAfterMs);
  }
}

/**
 * Returns a policy that refuses calls with BreakerOpen for `openMs` when its window holds too many failed or slow
 * calls. Then it lets some trial calls through, or closes at once if `halfOpen` is `none`. If all trial calls succeed,
 * it closes. At the first failed or slow trial call, or after `maxWaitMs` (unless 0) without a verdict, it opens again.
 *
 * Calls that an inner policy refused, or that their caller abandoned, are not counted. They say nothing about
 * downstream.
 */
export function breaker(options: BreakerOptions, surroundings: Surroundings): Policy {
  refuse(breakerProblems(options));
  const { slowCallMs = Infinity } = options;
  const { clock, emit } = surroundings;
  const circuit = new Circuit(options, surroundings);

  return (next) => async (work, signal) => {
    signal.throwIfAborted();
    const started = circuit.admit(work);
    if (!started) {
      emit({ kind: 'rejected', policy: 'breaker' });
      throw new BreakerOpen(circuit.retryAfterMs);
    }
    const startedAtMs = clock.now();
    const result = (failed: boolean) => ({ failed, slow: clock.now() - startedAtMs > slowCallMs });
    try {
      const reply = await next(work, signal);
      circuit.record(started, work, result(false));
      return reply;
    } catch (error) {
      if (error instanceof Rejected || signal.aborted) circuit.forget(started);
      else circuit.record(started, work, result(true));
      throw error;
    }
  };
}

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
class Circuit {
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

function tooBad({ calls, failures, slow }: Tally, options: BreakerOptions): boolean {
  const { window, failures: failuresMax = Infinity, failureRatio = Infinity, slowRatio = Infinity } = options;
  const { minimumCalls = window.kind === 'count' ? window.size : 20 } = options;
  if (calls < minimumCalls) return false;
  return failures >= failuresMax || failures / calls >= failureRatio || slow / calls >= slowRatio;
}

/** Result of a call. A call that times out can be both failed and slow. */
type Result = Readonly<Record<'failed' | 'slow', boolean>>;
type Tally = Readonly<Record<'calls' | 'failures' | 'slow', number>>;

/** Function that adds a result, forgets old results, and returns the tally of the others. */
type Window = (result: Result) => Tally;

export function createWindow(options: BreakerOptions['window'], clock: Clock): Window {
  if (options.kind === 'count') return countWindow(options.size);
  const results = recent(['calls', 'failures', 'slow'], options, clock);
  return ({ failed, slow }) => results({ calls: 1, failures: Number(failed), slow: Number(slow) });
}

function countWindow(size: number): Window {
  const failed = new Uint8Array(size);
  const slow = new Uint8Array(size);
  const tally = { calls: 0, failures: 0, slow: 0 };
  let at = 0;

  return (result) => {
    // An entry that was never written is 0, so replacing it is correct even before the window is full.
    tally.failures += Number(result.failed) - failed[at]!;
    tally.slow += Number(result.slow) - slow[at]!;
    tally.calls = Math.min(size, tally.calls + 1);
    failed[at] = Number(result.failed);
    slow[at] = Number(result.slow);
    at = (at + 1) % size;
    return tally;
  };
}
