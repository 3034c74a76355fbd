import { Type } from '#kit/schema/type.ts';
import { applicationFault } from './application-fault.ts';

export const brownout = applicationFault({
  description: 'Capacity shrinks; with the model congestion.',
  fields: {
    capacityFactor: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'What is left of the capacity: at 0.2, 10 in flight weigh as much as 50 would.',
    }),
  },
  state: 'short of capacity',
  scope: 'none',
  create: ({ capacityFactor }) => ({ inFlight: (count) => count / capacityFactor }),
});
