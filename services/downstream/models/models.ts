import type { Static } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { tagged } from '#kit/schema.ts';
import { CongestionOptions, congestion } from './congestion.ts';
import { FixedOptions, fixed } from './fixed.ts';
import type { Model } from './model.ts';
import { QueueOptions, queue } from './queue.ts';

const kinds = { congestion: CongestionOptions, fixed: FixedOptions, queue: QueueOptions };

/** How downstream behaves under load; a new model is a file and a line in each of the two maps. */
export const ModelOptions = tagged('kind', kinds);
export type ModelOptions = Static<typeof ModelOptions>;

const models: { [K in keyof typeof kinds]: (options: Static<(typeof kinds)[K]>, clock: Clock) => Model } = {
  congestion,
  fixed,
  queue,
};

export function buildModel(options: ModelOptions, clock: Clock): Model {
  return (models[options.kind] as (options: ModelOptions, clock: Clock) => Model)(options, clock);
}
