import type { Static } from 'typebox';
import { strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { applicationFault, type Draw, ms, scope } from './application-fault.ts';

const Added = tagged('kind', {
  fixed: strict({ ms: ms('Added to every attempt.') }),
  uniform: strict({ minMs: ms('At least.'), maxMs: ms('At most.') }),
  lognormal: strict({
    medianMs: ms('Median: half of the attempts take longer.'),
    sigma: Type.Number({
      minimum: 0,
      maximum: 5,
      description: 'Standard deviation of the logarithm: 1 makes p99 ten times p50.',
    }),
  }),
});

function drawn(added: Static<typeof Added>, draw: Draw): number {
  switch (added.kind) {
    case 'fixed':
      return added.ms;
    case 'uniform':
      return added.minMs + draw('added') * (added.maxMs - added.minMs);
    case 'lognormal': {
      // Box and Muller; 1 - U is never 0. No attempt takes longer than an hour.
      const normal = Math.sqrt(-2 * Math.log(1 - draw('added'))) * Math.cos(2 * Math.PI * draw('angle'));
      return Math.min(3_600_000, added.medianMs * Math.exp(added.sigma * normal));
    }
  }
}

export const latency = applicationFault({
  description: 'Work takes longer.',
  fields: { added: Added, ...scope },
  state: 'slowed down',
  problems: ({ added }) =>
    added.kind === 'uniform' && added.maxMs < added.minMs
      ? [
          {
            pointer: '/added/maxMs',
            message: `expected at least minMs, which is ${added.minMs}, got ${added.maxMs}`,
          },
        ]
      : [],
  create: ({ added }) => ({
    outcome: (outcome, draw) => ({ ...outcome, latencyMs: outcome.latencyMs + drawn(added, draw) }),
  }),
});
