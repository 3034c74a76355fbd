import { Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { kind } from './kind.ts';

/** Capacity shrinks: as many in flight weigh as much as more would. */
export const brownout = kind({
  options: strict(
    {
      capacityFactor: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'What is left of the capacity: at 0.2, 10 in flight weigh as much as 50 would.',
      }),
    },
    { description: 'Capacity shrinks; with the model congestion.' },
  ),
  done: 'short of capacity',
  affects: 'none',
  create: ({ capacityFactor }) => ({ inFlight: (count) => count / capacityFactor }),
});
