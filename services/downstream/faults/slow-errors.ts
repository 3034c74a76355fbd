import { applicationFault, ms, scope } from './application-fault.ts';

export const slowErrors = applicationFault({
  description: 'What fails takes longer to do so.',
  fields: { ms: ms('Added to what fails.'), ...scope },
  state: 'slow to fail',
  scope: 'some',
  create: ({ ms }) => ({
    outcome: (outcome) => (outcome.failed ? { ...outcome, latencyMs: outcome.latencyMs + ms } : outcome),
  }),
});
