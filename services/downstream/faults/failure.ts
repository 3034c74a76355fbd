import { applicationFault, scope, status } from './application-fault.ts';

export const failure = applicationFault({
  description: 'Work fails.',
  fields: { status, ...scope },
  state: 'failing',
  create: ({ status }) => ({ outcome: (outcome) => ({ ...outcome, failed: true, status }) }),
});
