import { Type } from '#kit/schema/type.ts';
import { applicationFault, status } from './application-fault.ts';

export const poison = applicationFault({
  description: 'Chosen requests fail however often they are tried.',
  fields: {
    ids: Type.Array(Type.String({ maxLength: 128 }), {
      minItems: 1,
      maxItems: 1000,
      description: 'Requests that fail however often they are tried, e.g. r0 for the first of a load.',
    }),
    status,
  },
  state: 'failing for some',
  scope: 'some',
  create({ ids, status }) {
    const chosen = new Set(ids);
    return {
      outcome: (outcome, _draw, id) => (chosen.has(id) ? { ...outcome, failed: true, status } : outcome),
    };
  },
});
