import type { FastifyError, FastifyReply } from 'fastify';
import { memo } from '#kit/memo.ts';
import { StorageError } from '#kit/process/storage.ts';
import { excerpt, InvalidError, type Problem } from '#kit/schema/problems.ts';

/** Answer to a request, in a form that doesn't depend on the transport. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Time in ms after which the caller may try again. */
  readonly retryAfterMs?: number | undefined;
  /** Error that the transport answers with instead of the body. */
  readonly error?: unknown;
}

interface Details {
  readonly detail?: string;
  readonly problems?: readonly Problem[];
}

/** Thrown for a change that needs the broker, while the broker is disconnected or doesn't answer. */
export class NoBroker extends Error {
  override readonly name = 'NoBroker';
  readonly statusCode = 503;
}

/** Returns an error answer (RFC 9457), `application/problem+json`. `name` is the kind of the error. */
export const problem = (status: number, name: string, title: string, details: Details = {}): Answer => ({
  status,
  contentType: 'application/problem+json',
  body: textOf(status, name, title, details),
});

function textOf(status: number, name: string, title: string, details: Details): string {
  const { detail = '', problems } = details;
  const write = () => JSON.stringify({ type: `urn:spillway:${name}`, title, status, ...details });
  if (problems) return write();
  const known = texts(detail || title, () => ({ status, name, title, detail, text: write() }));
  const isSame = known.status === status && known.name === name && known.title === title;
  return isSame && known.detail === detail ? known.text : write();
}

const texts = memo<{ status: number; name: string; title: string; detail: string; text: string }>();

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, contentType, body, retryAfterMs, error } = answer;
  if (error !== undefined) return reply.send(error);
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  return reply.code(status).header('content-type', contentType).send(body);
}

export const sendProblem = (reply: FastifyReply, ...told: Parameters<typeof problem>): FastifyReply =>
  send(reply, problem(...told));

export function sendError(error: FastifyError | Error, reply: FastifyReply): FastifyReply {
  const refuse = (
    status: number,
    name: string,
    title: string,
    details: Details = { detail: error.message },
  ) => sendProblem(reply, status, name, title, details);
  const invalid = (status: number, details?: Details) =>
    refuse(status, 'invalid', 'The request is not valid', details);
  if (error instanceof InvalidError) return invalid(400, { problems: excerpt(error.problems) });
  if (error instanceof NoBroker) return refuse(503, 'no-broker', 'The broker is unavailable');
  if (error instanceof StorageError) return refuse(error.statusCode, error.reason, 'The storage failed');
  const status = 'statusCode' in error && error.statusCode !== undefined ? error.statusCode : 500;
  if (status === 413) {
    const detail = `expected at most ${reply.request.routeOptions.bodyLimit} bytes`;
    return refuse(413, 'too-large', 'The body is too large', { detail });
  }
  if (status === 415) return invalid(415, { detail: 'expected a body of content-type application/json' });
  return status < 500 ? invalid(status) : refuse(500, 'internal', 'Internal error');
}
