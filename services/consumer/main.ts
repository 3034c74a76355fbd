import { Type } from 'typebox';
import { awaitBroker } from '#kit/broker-status.ts';
import { brokerVariables } from '#kit/env.ts';
import { runService } from '#kit/service.ts';
import { Upstream } from '#kit/upstream.ts';
import { httpUrls, urlsIn } from '#kit/urls.ts';
import { consumer } from './consumer.ts';

const variables = {
  ...brokerVariables,
  DOWNSTREAM_URL: Type.String({
    description: "Downstream's traffic port; of several replicas all, with commas between, which take turns.",
    pattern: httpUrls,
  }),
};

await runService('consumer', variables, async ({ env, ...parts }) => {
  const broker = await awaitBroker(env, 'consumer', parts.log);
  return consumer({
    ...parts,
    broker,
    upstream: new Upstream(urlsIn(env.DOWNSTREAM_URL).map((url) => `${url}/work`)),
  });
});
