import { downstreamOf } from '#kit/http-client/upstream.ts';
import { downstreamVariables } from '#kit/process/env.ts';
import { runService } from '#kit/service.ts';
import { gateway } from './gateway.ts';

await runService('gateway', downstreamVariables, ({ env, ...parts }) =>
  gateway({ ...parts, upstream: downstreamOf(env) }),
);
