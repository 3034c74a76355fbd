import type { Static } from 'typebox';
import { integer, Seed, strict } from '#kit/schema/schema.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const GatewayConfig = strict({
  seed: Seed('Determines the jitter of the policies.'),
  policies: Pipeline,
  clients: integer(
    { from: 1, to: 1000, optional: true },
    'Number of clients that share the requests at random. Each client has separate policies, and so separate breakers and budgets. Default: 1.',
  ),
});
export type GatewayConfig = Static<typeof GatewayConfig>;
