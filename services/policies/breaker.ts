import { refuse } from '#kit/schema/problems.ts';
import { Circuit } from './breaker/circuit.ts';
import { type BreakerOptions, breakerProblems } from './breaker/options.ts';
import { listening, type Policy, Rejected, type Surroundings } from './policy.ts';

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
 * Calls that an inner policy refused, that their caller abandoned, or that downstream answered with 429, are not counted:
 * they don't say that downstream fails.
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
      const refused = new BreakerOpen(circuit.retryAfterMs);
      await listening;
      throw refused;
    }
    const startedAtMs = clock.now();
    const result = (failed: boolean) => ({ failed, slow: clock.now() - startedAtMs > slowCallMs });
    try {
      const reply = await next(work, signal);
      circuit.record(started, work, result(false));
      return reply;
    } catch (error) {
      if (error instanceof Rejected || signal.aborted || isThrottled(error)) circuit.forget(started);
      else circuit.record(started, work, result(true));
      throw error;
    }
  };
}

/** True if the error stands for an answer of 429: downstream works, but the caller exceeds its rate. */
const isThrottled = (error: unknown): boolean => (error as { status?: unknown } | null)?.status === 429;
