import type { Static } from 'typebox';
import { tagged } from '#kit/schema.ts';
import { CongestionOptions, congestion } from './congestion.ts';
import { FixedOptions, fixed } from './fixed.ts';
import type { Model } from './model.ts';

const kinds = { congestion: CongestionOptions, fixed: FixedOptions };

/** How downstream behaves under load; a new model is a file and a line in each of the two maps. */
export const ModelOptions = tagged('kind', kinds);
export type ModelOptions = Static<typeof ModelOptions>;

const models: { [K in keyof typeof kinds]: (options: Static<(typeof kinds)[K]>) => Model } = {
  congestion,
  fixed,
};

export function buildModel(options: ModelOptions): Model {
  return (models[options.kind] as (options: ModelOptions) => Model)(options);
}
