import { Type } from 'typebox';
import { connectBroker } from '#kit/broker.ts';
import { runService } from '#kit/service.ts';
import { publisher } from './publisher.ts';

const variables = {
  NATS_URL: Type.String({ description: 'Where the broker listens.', pattern: '^nats://' }),
};

await runService('publisher', variables, async ({ env, ...parts }) =>
  publisher({ ...parts, broker: await connectBroker(env.NATS_URL, 'publisher') }),
);
