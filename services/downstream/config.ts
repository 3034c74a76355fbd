import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema.ts';
import { Seed } from '#kit/seed.ts';
import { ModelOptions } from './models/models.ts';

export const DownstreamConfig = strict({
  seed: Seed('Decides the luck of every attempt.'),
  model: { ...ModelOptions, default: { kind: 'congestion' } } as typeof ModelOptions,
  idempotent: Type.Boolean({
    default: true,
    description: 'Whether a second effect for the same request is recognised and not committed again.',
  }),
  deadlines: Type.Enum(['ignore', 'stop', 'refuse'], {
    default: 'ignore',
    description:
      'What becomes of work that takes longer than its caller has left (x-timeout-ms): it goes on, stops when that is over, or is refused at once.',
  }),
  abandonOnAbort: Type.Boolean({
    default: false,
    description: 'Whether work stops when its caller has gone; real systems mostly go on.',
  }),
});
export type DownstreamConfig = Static<typeof DownstreamConfig>;
