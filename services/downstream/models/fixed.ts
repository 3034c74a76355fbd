import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema.ts';
import type { Model } from './model.ts';

export const FixedOptions = strict(
  {
    latencyMs: Type.Number({ default: 0, minimum: 0, maximum: 3_600_000 }),
    failureRatio: Type.Number({ default: 0, minimum: 0, maximum: 1 }),
  },
  {
    description: 'The same latency and failure ratio whatever the load: a healthy or an instant dependency.',
  },
);

export function fixed({ latencyMs, failureRatio }: Static<typeof FixedOptions>): Model {
  return (_inFlight, draw) => ({ latencyMs, failed: failureRatio > 0 && draw('failure') < failureRatio });
}
