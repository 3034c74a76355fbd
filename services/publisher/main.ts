import { connectBroker } from '#kit/broker.ts';
import { brokerVariables } from '#kit/env.ts';
import { runService } from '#kit/service.ts';
import { publisher } from './publisher.ts';

await runService('publisher', brokerVariables, async ({ env, ...parts }) =>
  publisher({ ...parts, broker: await connectBroker(env.NATS_URL, 'publisher', env.NATS_CREDENTIALS) }),
);
