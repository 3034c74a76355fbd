import type { FastifyReply } from 'fastify';
import { type Answer, send } from '#kit/http/problem.ts';
import { reset } from '#kit/http/reset.ts';
import type { Reply } from './answer.ts';

export const httpReply = (reply: FastifyReply): Reply => ({
  send: (answer) => void send(reply, answer),
  begin(answer, closed) {
    const raw = beginRaw(reply, answer);
    raw.once('close', closed);
    raw.flushHeaders();
    return raw;
  },
  breakOff(answer) {
    const raw = beginRaw(reply, answer);
    raw.write(answer.body.slice(0, answer.body.length / 2), () => raw.socket?.end());
  },
  reset: () => reset(taken(reply)),
  hold: () => taken(reply),
});

function beginRaw(reply: FastifyReply, { status, contentType, body }: Answer) {
  reply.hijack();
  return reply.raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
}

/**
 * Makes Fastify leave the reply to the caller of this function. Returns the socket of the request, since the reply to a
 * pipelined request has none before its turn.
 */
function taken(reply: FastifyReply) {
  reply.hijack();
  return reply.request.socket;
}
