import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { ValidParts } from '#kit/schema/valid-parts.ts';
import { buildModel, ModelOptions } from './models/models.ts';

export const DownstreamConfig = strict({
  seed: Seed('Decides the draws of every attempt.'),
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

/** Reports options that the model queue contradicts: work that is queued can't be taken back. */
export function contradictions({
  model,
  deadlines = 'ignore',
  abandonOnAbort = false,
}: ValidParts<DownstreamConfig>): Problem[] {
  if (model?.kind !== 'queue') return [];
  const expected = (value: string, got: unknown) =>
    `expected ${value} with the model queue, which serves all that has come, got ${got}`;
  return [
    ...(deadlines === 'ignore' ? [] : [{ pointer: '/deadlines', message: expected('ignore', deadlines) }]),
    ...(abandonOnAbort ? [{ pointer: '/abandonOnAbort', message: expected('false', abandonOnAbort) }] : []),
  ];
}

/** Median latency in ms of an attempt alone at downstream. */
export const healthyMs = ({ model }: Pick<DownstreamConfig, 'model'>): number =>
  buildModel(model, { now: () => 0, after: () => undefined, cancel: () => undefined })(1, () => 0.5)
    .latencyMs;
