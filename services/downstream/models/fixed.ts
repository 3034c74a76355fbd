import { Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { modelKind } from './model.ts';

const options = strict(
  {
    latencyMs: Type.Number({ default: 0, minimum: 0, maximum: 3_600_000 }),
    failureRatio: Type.Number({ default: 0, minimum: 0, maximum: 1 }),
  },
  {
    description: 'The same latency and failure ratio whatever the load: a healthy or an instant dependency.',
  },
);

export const fixed = modelKind({
  options,
  create:
    ({ latencyMs, failureRatio }) =>
    (_inFlight, draw) => ({ latencyMs, failed: failureRatio > 0 && draw('failure') < failureRatio }),
});
