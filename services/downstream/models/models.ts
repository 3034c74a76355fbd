import type { Static } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import { congestion } from './congestion.ts';
import { fixed } from './fixed.ts';
import type { Model } from './model.ts';
import { queue } from './queue.ts';

/** Every model; a new one is a file and a line here. */
const kinds = { congestion, fixed, queue };

export const ModelOptions = taggedKinds(kinds);
export type ModelOptions = Static<typeof ModelOptions>;

export function buildModel(options: ModelOptions, clock: Clock): Model {
  return (kinds[options.kind].create as (options: ModelOptions, clock: Clock) => Model)(options, clock);
}
