import { reset as resetSocket } from '#kit/http/reset.ts';
import { strict } from '#kit/schema/schema.ts';
import { whom } from './fields.ts';
import { kind } from './kind.ts';

/** Work is done, and its caller gets a TCP reset in place of the answer. */
export const reset = kind({
  options: strict(whom, { description: 'A TCP reset in place of the answer.' }),
  done: 'resetting connections',
  answers: true,
  create: () => ({
    course: (course) => ({
      ...course,
      deliver(reply) {
        reply.hijack();
        // The request's, since an answer has none before its turn.
        resetSocket(reply.request.socket);
      },
    }),
  }),
});
