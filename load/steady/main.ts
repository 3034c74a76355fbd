import { countMessages } from '#kit/broker/broker.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { purgeDeadLetters } from '#kit/broker/stored.ts';
import { changeFault } from '#kit/fault/change-fault.ts';
import { parseConfig } from '#kit/process/config-file.ts';
import { brokerVariables } from '#kit/process/env.ts';
import { Type } from '#kit/schema/type.ts';
import { runService } from '#kit/service.ts';
import { natsCompletions } from '#load/completions.ts';
import { parseLanes } from './config.ts';
import { steady } from './steady.ts';

const variables = {
  ...brokerVariables,
  LANES: Type.String({ description: 'Lanes that get the load, as JSON.' }),
};

await runService('load', variables, async ({ env, ...parts }) => {
  const { NATS_URL: url, NATS_CREDENTIALS: credentials, CONTROL_TOKEN: token } = env;
  const completions = await natsCompletions(url, credentials);
  const broker = await connectBroker(url, 'load', credentials, 5000);
  return steady({
    ...parts,
    lanes: parseLanes(parseConfig('LANES', env.LANES)),
    completions,
    changeFault: (control, ...fault) => changeFault(control, token, ...fault),
    isEmpty: async () => (await countMessages(broker))[0] === 0,
    purge: (isOwn) => purgeDeadLetters(broker, isOwn),
    close: async () => void (await Promise.all([completions.close(), broker.close()])),
  });
});
