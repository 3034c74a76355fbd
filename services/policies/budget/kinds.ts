import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { documented, number, taggedKinds } from '#kit/schema/schema.ts';
import { recent } from '#policies/recent.ts';

/** End of a call. `unsent`: it was refused, or aborted in a wait or a queue, before any attempt. */
export type CallEnd = 'ok' | 'failed' | 'unsent';

/** Counts retries and decides if there is budget left for another. */
export interface Budget {
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

const finagle = budgetKind(
  documented(
    "Finagle's rule: retries ≤ ratio · requests + minPerSecond · ttl, with the requests and retries of the last `ttlMs`.",
    {
      ttlMs: number(
        { from: 1000, to: 3_600_000, default: 10_000 },
        'Time for which the budget remembers requests and retries.',
      ),
      ratio: number({ from: 0, to: 1000, default: 0.2 }, 'Number of retries for each request.'),
      minPerSecond: number(
        { from: 0, to: 100_000, default: 10 },
        'Number of retries per second allowed in addition, even without any requests.',
      ),
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

const grpc = budgetKind(
  documented(
    "gRPC's: a failure takes a token. Retries are allowed while more than half of the tokens are left. Only successes refill the budget.",
    {
      maxTokens: number({ above: 0, to: 1000, default: 10 }, 'Initial and maximum number of tokens.'),
      tokenRatio: number({ above: 0, to: 1000, default: 0.1 }, 'Tokens gained by a success.'),
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
  documented(
    'Standard mode of the AWS SDKs: a retry costs tokens, and its success refunds them. Only successes refill the budget.',
    {
      capacity: number({ above: 0, to: 1_000_000, default: 500 }, 'Initial and maximum number of tokens.'),
      retryCost: number({ above: 0, to: 100_000, default: 5 }, 'Tokens that a retry costs.'),
      timeoutRetryCost: number(
        { above: 0, to: 100_000, default: 10 },
        'Tokens that a retry after a timeout costs.',
      ),
      successGain: number(
        { from: 0, to: 100_000, default: 1 },
        'Tokens gained by a success at the first try.',
      ),
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

export const createBudget = (options: BudgetOptions, clock: Clock): Budget =>
  (kinds[options.kind].create as (options: BudgetOptions, clock: Clock) => Budget)(options, clock);
