import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const GatewayConfig = strict({
  seed: Type.Integer({ default: 1, description: 'Decides the chance in the policies: jitter.' }),
  policies: Pipeline,
});
export type GatewayConfig = Static<typeof GatewayConfig>;
