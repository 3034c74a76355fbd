import { awaitBroker } from '#kit/broker/nats.ts';
import { downstreamOf } from '#kit/http-client/upstream.ts';
import { brokerVariables, downstreamVariables } from '#kit/process/env.ts';
import { runService } from '#kit/service.ts';
import { consumer } from './consumer.ts';

const variables = { ...brokerVariables, ...downstreamVariables };

await runService('consumer', variables, async ({ env, ...parts }) => {
  const broker = await awaitBroker(env, 'consumer', parts.log);
  return consumer({ ...parts, broker, upstream: downstreamOf(env) });
});
