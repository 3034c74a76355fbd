import { Type } from 'typebox';
import { runService } from '#kit/service.ts';
import { Upstream } from '#kit/upstream.ts';
import { httpUrls, urlsIn } from '#kit/urls.ts';
import { gateway } from './gateway.ts';

const variables = {
  DOWNSTREAM_URL: Type.String({
    description: "Downstream's traffic port; of several replicas all, with commas between, which take turns.",
    pattern: httpUrls,
  }),
};

await runService('gateway', variables, ({ env, ...parts }) =>
  gateway({ ...parts, upstream: new Upstream(urlsIn(env.DOWNSTREAM_URL).map((url) => `${url}/work`)) }),
);
