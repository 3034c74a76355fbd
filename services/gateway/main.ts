import { downstreamOf } from '#kit/http-client/upstream.ts';
import { clientVariables, downstreamVariables } from '#kit/process/env.ts';
import { runService } from '#kit/service.ts';
import { clientOf } from '#policies/load-client.ts';
import { gateway } from './gateway.ts';

await runService('gateway', { ...downstreamVariables, ...clientVariables }, async ({ env, ...parts }) =>
  gateway({ ...parts, upstream: downstreamOf(env), client: await clientOf(env) }),
);
