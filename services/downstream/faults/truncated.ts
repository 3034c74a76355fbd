import { applicationFault, scope } from './application-fault.ts';

export const truncated = applicationFault({
  description: 'The connection ends in the middle of the answer.',
  fields: scope,
  state: 'breaking off',
  create: () => ({
    deliver(reply, { status, contentType, body }) {
      reply.hijack();
      const half = body.slice(0, body.length / 2);
      reply.raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
      reply.raw.write(half, () => reply.raw.socket?.end());
    },
  }),
});
