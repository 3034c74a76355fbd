import { reset as resetSocket } from '#kit/http/reset.ts';
import { applicationFault, scope } from './application-fault.ts';

export const reset = applicationFault({
  description: 'A TCP reset in place of the answer.',
  fields: scope,
  state: 'resetting connections',
  create: () => ({
    deliver(reply) {
      reply.hijack();
      // The request's, since an answer has none before its turn.
      resetSocket(reply.request.socket);
    },
  }),
});
