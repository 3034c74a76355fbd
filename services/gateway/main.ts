import { downstreamVariables } from '#kit/env.ts';
import { runService } from '#kit/service.ts';
import { downstreamOf } from '#kit/upstream.ts';
import { gateway } from './gateway.ts';

await runService('gateway', downstreamVariables, ({ env, ...parts }) =>
  gateway({ ...parts, upstream: downstreamOf(env) }),
);
