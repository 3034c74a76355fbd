import type { Static } from 'typebox';
import { strict } from '#kit/schema.ts';
import { Seed } from '#kit/seed.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const GatewayConfig = strict({
  seed: Seed('Decides the chance in the policies: jitter.'),
  policies: Pipeline,
});
export type GatewayConfig = Static<typeof GatewayConfig>;
