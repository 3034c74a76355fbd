import { awaitBroker } from '#kit/broker/nats.ts';
import { brokerVariables } from '#kit/process/env.ts';
import { runService } from '#kit/service.ts';
import { publisher } from './publisher.ts';

await runService('publisher', brokerVariables, async ({ env, ...parts }) =>
  publisher({ ...parts, broker: await awaitBroker(env, 'publisher', parts.log) }),
);
