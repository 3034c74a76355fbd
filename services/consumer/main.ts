import { Type } from 'typebox';
import { connectBroker } from '#kit/broker.ts';
import { runService } from '#kit/service.ts';
import { Upstream } from '#kit/upstream.ts';
import { consumer } from './consumer.ts';

const variables = {
  NATS_URL: Type.String({ description: 'Where the broker listens.', pattern: '^nats://' }),
  DOWNSTREAM_URL: Type.String({ description: "Downstream's traffic port.", pattern: '^http://' }),
};

await runService('consumer', variables, async ({ env, ...parts }) => {
  const broker = await connectBroker(env.NATS_URL, 'consumer');
  return consumer({ ...parts, broker, upstream: new Upstream(`${env.DOWNSTREAM_URL}/work`) });
});
