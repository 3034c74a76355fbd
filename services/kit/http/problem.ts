import type { FastifyError, FastifyReply } from 'fastify';
import { NoBroker } from '#kit/broker/broker-status.ts';
import { StorageError } from '#kit/process/storage.ts';
import { excerpt, InvalidError, type Problem } from '#kit/schema/problems.ts';

/** The body of every error answer, as of RFC 9457; sent as `application/problem+json`. */
export interface ProblemDetails {
  /** `urn:spillway:<name>` names the kind of problem. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** Everything that is wrong with the request, where there is more to say. */
  readonly problems?: readonly Problem[];
}

/** The JSON text of a problem; `name` completes the type `urn:spillway:<name>`. */
export function problemText(
  status: number,
  name: string,
  title: string,
  more: Pick<ProblemDetails, 'detail' | 'problems'> = {},
): string {
  return JSON.stringify({ type: `urn:spillway:${name}`, title, status, ...more } satisfies ProblemDetails);
}

/** Answers with a problem. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  name: string,
  title: string,
  more: Pick<ProblemDetails, 'detail' | 'problems'> = {},
): FastifyReply {
  const text = problemText(status, name, title, more);
  return reply.code(status).header('content-type', 'application/problem+json').send(text);
}

/** Answers with what an error that nobody caught means to a caller. */
export function sendError(error: FastifyError | Error, reply: FastifyReply): FastifyReply {
  if (error instanceof InvalidError) {
    return sendProblem(reply, 400, 'invalid', 'The request is not valid', {
      problems: excerpt(error.problems),
    });
  }
  if (error instanceof NoBroker) {
    return sendProblem(reply, 503, 'no-broker', 'The broker is not there', { detail: error.message });
  }
  if (error instanceof StorageError) {
    return sendProblem(reply, error.statusCode, error.reason, 'It can not be stored', {
      detail: error.message,
    });
  }
  const status = 'statusCode' in error && error.statusCode !== undefined ? error.statusCode : 500;
  if (status === 413)
    return sendProblem(reply, 413, 'too-large', 'The body is too large', {
      detail: `expected at most ${reply.request.routeOptions.bodyLimit} bytes`,
    });
  if (status === 415)
    return sendProblem(reply, 415, 'invalid', 'The request is not valid', {
      detail: 'expected a body of content-type application/json',
    });
  if (status < 500)
    return sendProblem(reply, status, 'invalid', 'The request is not valid', { detail: error.message });
  return sendProblem(reply, 500, 'internal', 'Something went wrong here', { detail: error.message });
}
