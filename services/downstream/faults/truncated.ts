import { strict } from '#kit/schema/schema.ts';
import { whom } from './fields.ts';
import { kind } from './kind.ts';

/** The connection ends in the middle of the answer. */
export const truncated = kind({
  options: strict(whom, { description: 'The connection ends in the middle of the answer.' }),
  done: 'breaking off',
  answers: true,
  create: () => ({
    course: (course) => ({
      ...course,
      deliver(reply, { status, contentType, body }) {
        reply.hijack();
        const half = body.slice(0, body.length / 2);
        reply.raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
        reply.raw.write(half, () => reply.raw.socket?.end());
      },
    }),
  }),
});
