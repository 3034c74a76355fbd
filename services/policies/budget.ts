import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { number, positive, strict, taggedKinds } from '#kit/schema/schema.ts';
import { Rejected, type Surroundings, type Work } from './policy.ts';
import { recent } from './recent.ts';

export class BudgetSpent extends Rejected {
  override readonly name = 'BudgetSpent';

  constructor() {
    super('budget', 'the retry budget is spent');
  }
}

/** End of a call. `unsent`: it was refused, or aborted in a wait or a queue, before any attempt. */
type CallEnd = 'ok' | 'failed' | 'unsent';

/** Counts retries and decides if there is budget left for another. */
interface Budget {
  /** Counts a call that is not a retry. */
  request?(): void;
  /**
   * Pays for a retry and returns the cost; 0 if there is not enough budget. `timedOut` is true if the previous attempt
   * timed out.
   */
  retry(timedOut: boolean): number;
  /** Records the end of a call. For a retry, `cost` was paid at `paidAtMs`. For any other call, `cost` is 0. */
  end(end: CallEnd, cost: number, paidAtMs: number): void;
  left(): number;
}

const budgetKind = <S extends TObject>(
  options: S,
  create: (options: Static<S>, clock: Clock) => Budget,
): { options: S; create: typeof create } => ({ options, create });

/** Budget like Finagle's RetryBudget. */
const finagle = budgetKind(
  strict(
    {
      ttlMs: number(1000, 3_600_000, 'Time for which the budget remembers requests and retries.', 10_000),
      ratio: number(0, 1000, 'Number of retries for each request.', 0.2),
      minPerSecond: number(
        0,
        100_000,
        'Number of retries per second allowed in addition, even without any requests.',
        10,
      ),
    },
    {
      description:
        "Finagle's rule: retries ≤ ratio · requests + minPerSecond · ttl, with the requests and retries of the last `ttlMs`.",
    },
  ),
  ({ ttlMs, ratio, minPerSecond }, clock) => {
    const counts = recent(['requests', 'retries'], { ms: ttlMs, buckets: 10 }, clock);
    const left = () => {
      const { requests, retries } = counts();
      return ratio * requests + (minPerSecond * ttlMs) / 1000 - retries;
    };
    return {
      request: () => void counts({ requests: 1 }),
      retry() {
        if (left() < 1) return 0;
        counts({ retries: 1 });
        return 1;
      },
      end(end, cost, paidAtMs) {
        // Dates the refund back to the retry, so that both expire together. Otherwise the refund would outlive the
        // retry.
        if (end === 'unsent') counts({ retries: -cost }, paidAtMs);
      },
      left,
    };
  },
);

/** Budget of gRPC's proposal A6. */
const grpc = budgetKind(
  strict(
    {
      maxTokens: positive(1000, 'Initial and maximum number of tokens.', 10),
      tokenRatio: positive(1000, 'Tokens gained by a success.', 0.1),
    },
    {
      description:
        "gRPC's: a failure takes a token. Retries are allowed while more than half of the tokens are left. Only successes refill the budget.",
    },
  ),
  ({ maxTokens, tokenRatio }) => {
    let tokens = maxTokens;
    return {
      retry: () => (tokens > maxTokens / 2 ? 1 : 0),
      end(end) {
        if (end === 'unsent') return;
        tokens = end === 'ok' ? Math.min(maxTokens, tokens + tokenRatio) : Math.max(0, tokens - 1);
      },
      left: () => tokens,
    };
  },
);

const aws = budgetKind(
  strict(
    {
      capacity: positive(1_000_000, 'Initial and maximum number of tokens.', 500),
      retryCost: positive(100_000, 'Tokens that a retry costs.', 5),
      timeoutRetryCost: positive(100_000, 'Tokens that a retry after a timeout costs.', 10),
      successGain: number(0, 100_000, 'Tokens gained by a success at the first try.', 1),
    },
    {
      description:
        'Standard mode of the AWS SDKs: a retry costs tokens, and its success refunds them. Only successes refill the budget.',
    },
  ),
  ({ capacity, retryCost, timeoutRetryCost, successGain }) => {
    let left = capacity;
    return {
      retry(timedOut) {
        const cost = timedOut ? timeoutRetryCost : retryCost;
        if (cost > left) return 0;
        left -= cost;
        return cost;
      },
      end(end, cost) {
        if (end === 'ok') left = Math.min(capacity, left + (cost || successGain));
        if (end === 'unsent') left = Math.min(capacity, left + cost);
      },
      left: () => left,
    };
  },
);

const kinds = { finagle, grpc, aws };

export const BudgetOptions = taggedKinds(kinds, {
  description: 'Refuses retries beyond a budget, before their wait. A redelivery counts as a retry.',
});
export type BudgetOptions = Static<typeof BudgetOptions>;

/**
 * Returns a function that pays for the next call of a request, and returns a function that records the end of that
 * call. It returns undefined if the budget can't afford the call. A call before the first attempt is free.
 */
export function budget(
  options: BudgetOptions,
  { clock, emit }: Surroundings,
): (work: Work) => ((end: CallEnd) => void) | undefined {
  const create = kinds[options.kind].create as (options: BudgetOptions, clock: Clock) => Budget;
  const state = create(options, clock);
  const counted = new WeakSet<Work>();
  const report = () => emit({ kind: 'budget', left: state.left() });
  report();

  return (work) => {
    const isRetry = work.attempts > 0;
    if (!isRetry && !counted.has(work)) {
      // A call that is repeated after a refusal by an inner policy belongs to the same request.
      state.request?.();
      counted.add(work);
    }
    const cost = isRetry ? state.retry(work.timedOut === true) : 0;
    if (isRetry && cost === 0) {
      emit({ kind: 'rejected', policy: 'budget' });
      return undefined;
    }
    if (isRetry) report();
    const paidAtMs = clock.now();
    return (end) => {
      state.end(end, cost, paidAtMs);
      report();
    };
  };
}
