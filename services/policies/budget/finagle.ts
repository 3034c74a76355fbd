import { Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { recent } from '#policies/recent.ts';
import { budgetKind } from './budget.ts';

const options = strict(
  {
    ttlMs: Type.Number({
      default: 10_000,
      minimum: 1000,
      maximum: 3_600_000,
      description: 'How long a request counts.',
    }),
    ratio: Type.Number({ default: 0.2, minimum: 0, maximum: 1000, description: 'Retries for each request.' }),
    minPerSecond: Type.Number({
      default: 10,
      minimum: 0,
      maximum: 100_000,
      description: 'Retries that are always free.',
    }),
  },
  { description: "Finagle's: retries ≤ ratio · requests + minPerSecond · ttl, both of the last while." },
);

/** Retries of the last while ≤ ratio · requests of the last while + minPerSecond · ttl, as Finagle's RetryBudget has it. */
export const finagle = budgetKind({
  options,
  create(options, clock) {
    const { ttlMs, ratio, minPerSecond } = options;
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
        // Forgotten together with the retry; taken back later, it would be missing for another ttl.
        if (end === 'unsent') counts({ retries: -cost }, paidAtMs);
      },
      left,
    };
  },
});
