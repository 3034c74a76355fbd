import { Type } from '#kit/schema/type.ts';
import { applicationFault } from './application-fault.ts';

export const brownout = applicationFault({
  description: 'Capacity shrinks; with the model congestion.',
  fields: {
    capacityFactor: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Remaining share of the capacity: at 0.2, 10 in flight count as 50.',
    }),
  },
  state: 'short of capacity',
  scope: 'none',
  create: ({ capacityFactor }) => ({ inFlight: (count) => count / capacityFactor }),
});
