import { Type } from '#kit/schema/type.ts';
import { modelKind } from './model.ts';

export const fixed = modelKind({
  description: 'The same latency and failure ratio whatever the load: a healthy or an instant dependency.',
  fields: {
    latencyMs: Type.Number({ default: 0, minimum: 0, maximum: 3_600_000 }),
    failureRatio: Type.Number({ default: 0, minimum: 0, maximum: 1 }),
  },
  create:
    ({ latencyMs, failureRatio }) =>
    (_inFlight, draw) => ({ latencyMs, failed: failureRatio > 0 && draw('failure') < failureRatio }),
});
