import type { FastifyReply } from 'fastify';
import { sendProblem } from '#kit/http/problem.ts';
import { UpstreamError } from '#kit/http-client/upstream.ts';
import { Rejected, TimedOut } from '#policies/policy.ts';

/** Answers with what an error of the pipeline means to the caller; returns the outcome's name. The one mapping there is. */
export function sendFailure(error: unknown, reply: FastifyReply): 'rejected' | 'timeout' | 'failed' {
  if (error instanceof Rejected) {
    if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
    sendProblem(reply, 503, error.policy, `Refused by the ${error.policy}`, { detail: error.message });
    return 'rejected';
  }
  if (error instanceof TimedOut) {
    sendProblem(reply, 504, 'timeout', 'Downstream took too long', { detail: error.message });
    return 'timeout';
  }
  if (!(error instanceof UpstreamError)) throw error;
  sendProblem(reply, 502, 'downstream', 'Downstream failed', { detail: error.message });
  return 'failed';
}

/** Ends a request whose caller has hung up: nobody reads the answer. */
export function sendNothing(reply: FastifyReply): 'gone' {
  reply.code(499).send();
  return 'gone';
}
