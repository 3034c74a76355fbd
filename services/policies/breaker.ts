import { refuse } from '#kit/schema/problems.ts';
import { Circuit } from './breaker/circuit.ts';
import { type BreakerOptions, breakerProblems } from './breaker/options.ts';
import { type Policy, Rejected, type Surroundings } from './policy.ts';

/** Thrown while the breaker refuses calls, because too many before have failed. */
export class BreakerOpen extends Rejected {
  override readonly name = 'BreakerOpen';

  constructor(retryAfterMs: number | undefined) {
    const until =
      retryAfterMs === undefined ? 'its trial calls end' : `${Math.ceil(retryAfterMs)} ms from now`;
    super('breaker', `the breaker refuses calls until ${until}`, retryAfterMs);
  }
}

/**
 * Refuses calls with BreakerOpen for `openMs` once its window holds too many failed or slow ones, then lets trial calls
 * through: it closes when all of them have gone well, and opens again at the first that has not, or after `maxWaitMs`
 * without a verdict. A refusal by a policy further in, and a call whose caller has given up, say nothing about
 * downstream and are not counted.
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
