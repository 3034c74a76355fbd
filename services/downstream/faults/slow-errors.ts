import { applicationFault, ms, scope } from './application-fault.ts';

export const slowErrors = applicationFault({
  description: 'Failing attempts take longer to fail.',
  fields: { ms: ms('Added to failing attempts.'), ...scope },
  state: 'slow to fail',
  scope: 'some',
  create: ({ ms }) => ({
    outcome: (outcome) => (outcome.failed ? { ...outcome, latencyMs: outcome.latencyMs + ms } : outcome),
  }),
});
