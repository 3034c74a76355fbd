import { Type } from 'typebox';
import { runService } from '#kit/service.ts';
import { Upstream } from '#kit/upstream.ts';
import { gateway } from './gateway.ts';

const variables = {
  DOWNSTREAM_URL: Type.String({ description: "Downstream's traffic port.", pattern: '^http://' }),
};

await runService('gateway', variables, ({ env, ...parts }) =>
  gateway({ ...parts, upstream: new Upstream(`${env.DOWNSTREAM_URL}/work`) }),
);
