import { brokerVariables } from '#kit/process/env.ts';
import { Type } from '#kit/schema/type.ts';
import { runService } from '#kit/service.ts';
import { httpUrls } from '#kit/urls.ts';
import { natsCompletions } from '#load/completions.ts';
import { steady } from './steady.ts';

const variables = {
  ...brokerVariables,
  GATEWAY_URL: Type.String({ description: "The gateway's traffic port.", pattern: httpUrls }),
  PUBLISHER_URL: Type.String({ description: "The publisher's traffic port.", pattern: httpUrls }),
};

await runService('load', variables, async ({ env, metrics, initial }) =>
  steady({
    metrics,
    initial,
    targets: { rpc: env.GATEWAY_URL, event: env.PUBLISHER_URL },
    completions: await natsCompletions(env.NATS_URL, env.NATS_CREDENTIALS),
  }),
);
