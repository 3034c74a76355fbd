import { Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { budgetKind } from './budget.ts';

const options = strict(
  {
    maxTokens: Type.Number({
      default: 10,
      exclusiveMinimum: 0,
      maximum: 1000,
      description: 'To start with, and at most.',
    }),
    tokenRatio: Type.Number({
      default: 0.1,
      exclusiveMinimum: 0,
      maximum: 1000,
      description: 'Tokens that a success brings.',
    }),
  },
  {
    description:
      "gRPC's: a failure takes a token, and there are retries while more than half of them are left. Only successes refill it.",
  },
);

/** Retries while tokens > maxTokens ÷ 2; a failure takes 1, a success brings tokenRatio; as gRPC's proposal A6 has it. */
export const grpc = budgetKind({
  options,
  create({ maxTokens, tokenRatio }) {
    let tokens = maxTokens;
    return {
      request: () => undefined,
      retry: () => (tokens > maxTokens / 2 ? 1 : 0),
      end(end) {
        if (end === 'unsent') return;
        tokens = end === 'ok' ? Math.min(maxTokens, tokens + tokenRatio) : Math.max(0, tokens - 1);
      },
      left: () => tokens,
    };
  },
});
