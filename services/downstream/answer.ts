import type { FastifyReply } from 'fastify';
import { problemText } from '#kit/http/problem.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Function that sends an answer to the caller, or withholds it. */
export type Deliver = (reply: FastifyReply, answer: Answer) => void;

export const send: Deliver = (reply, { status, contentType, body }) => {
  reply.code(status).header('content-type', contentType).send(body);
};

export const completed = (id: string, duplicate: boolean): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: `{"id":"${id}","duplicate":${duplicate}}`,
});

/** `name` becomes the last part of the problem's type. */
export const refused = (status: number, name: string, title: string): Answer => ({
  status,
  contentType: 'application/problem+json',
  body: problemText(status, name, title),
});
