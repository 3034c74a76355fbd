import type { Static } from 'typebox';
import { HttpClientOption } from '#kit/http-client/option.ts';
import { integer, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const GatewayConfig = strict({
  seed: Seed('Decides the chance in the policies: jitter.'),
  policies: Pipeline,
  httpClient: HttpClientOption,
  clients: Type.Optional(
    integer(
      1,
      1000,
      'So many clients share the requests at random, each with policies, and so with breakers and budgets, of its own; by default one.',
    ),
  ),
});
export type GatewayConfig = Static<typeof GatewayConfig>;
