import { Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { budgetKind } from './budget.ts';

const cost = (fallback: number, description: string) =>
  Type.Number({ default: fallback, exclusiveMinimum: 0, maximum: 100_000, description });

const options = strict(
  {
    capacity: Type.Number({
      default: 500,
      exclusiveMinimum: 0,
      maximum: 1_000_000,
      description: 'To start with, and at most.',
    }),
    retryCost: cost(5, 'Of a retry.'),
    timeoutRetryCost: cost(10, 'Of a retry after a timeout.'),
    successGain: Type.Number({
      default: 1,
      minimum: 0,
      maximum: 100_000,
      description: 'Of a success at the first try.',
    }),
  },
  {
    description:
      "The standard mode of AWS' SDKs: a retry costs, and is refunded when it succeeds. Only successes refill it.",
  },
);

/** A retry costs 5, or 10 after a timeout; its success refunds the cost, another brings 1; as the AWS SDKs' standard mode has it. */
export const aws = budgetKind({
  options,
  create(options) {
    const { capacity, retryCost, timeoutRetryCost, successGain } = options;
    let left = capacity;
    return {
      request: () => undefined,
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
});
