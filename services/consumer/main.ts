import { awaitBroker } from '#kit/broker/nats.ts';
import { downstreamOf } from '#kit/http-client/upstream.ts';
import { brokerVariables, clientVariables, downstreamVariables } from '#kit/process/env.ts';
import { runService } from '#kit/service.ts';
import { clientOf } from '#policies/load-client.ts';
import { consumer } from './consumer.ts';

const variables = { ...brokerVariables, ...downstreamVariables, ...clientVariables };

await runService('consumer', variables, async ({ env, ...parts }) => {
  const client = await clientOf(env); // first, since a broken module needs no broker
  const broker = await awaitBroker(env, 'consumer', parts.log);
  return consumer({ ...parts, broker, upstream: downstreamOf(env), client });
});
