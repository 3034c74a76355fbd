import { Type } from 'typebox';
import { awaitBroker } from '#kit/broker-status.ts';
import { brokerVariables } from '#kit/env.ts';
import { runService } from '#kit/service.ts';
import { Upstream } from '#kit/upstream.ts';
import { consumer } from './consumer.ts';

const variables = {
  ...brokerVariables,
  DOWNSTREAM_URL: Type.String({ description: "Downstream's traffic port.", pattern: '^http://' }),
};

await runService('consumer', variables, async ({ env, ...parts }) => {
  const broker = await awaitBroker(env, 'consumer', parts.log);
  return consumer({ ...parts, broker, upstream: new Upstream(`${env.DOWNSTREAM_URL}/work`) });
});
