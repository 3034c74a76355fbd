import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Problem, refuse } from '#kit/schema/problems.ts';
import { checker, strict } from '#kit/schema/schema.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { headers } from '#kit/wire.ts';
import { readClass } from './request-class.ts';
import { timeLeft } from './time-left.ts';
import { readTraceparent } from './traceparent.ts';

/** The body of `POST /rpc`, `/events` and `/work`. */
const WorkBody = strict({
  id: Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9._:-]+$' }),
  payload: Type.Optional(Type.Unknown()),
});
type WorkBody = Static<typeof WorkBody>;

const problemsIn = checker(WorkBody);

/** What such a request says, in its body and in its headers; undefined where a header is missing. */
export interface Asked {
  readonly body: WorkBody;
  /** How long the caller waits from now on. */
  readonly leftMs: number | undefined;
  readonly class: string | undefined;
  /** The number of the attempt, from 1. */
  readonly attempt: number | undefined;
  readonly traceparent: string | undefined;
}

/** Reads a request for work. Throws InvalidError with all that is wrong with its body and its headers. */
export function readWork({ body, headers: given }: Pick<FastifyRequest, 'body' | 'headers'>): Asked {
  const problems: Problem[] = [...problemsIn(body)];
  const read = <T>(header: string, reader: (said: unknown) => T | undefined, expected: string) => {
    const said = given[header];
    if (said === undefined) return undefined;
    const value = reader(said);
    if (value === undefined)
      problems.push({ pointer: '', header, message: `expected ${expected}, got ${shorten(said)}` });
    return value;
  };
  const asked: Asked = {
    body: body as WorkBody,
    leftMs: read(headers.timeoutMs, timeLeft, 'ms, such as 250'),
    class: read(headers.class, readClass, 'the name of a class, such as slow'),
    attempt: read(headers.attempt, readAttempt, 'a number from 1 on'),
    // Ignored where it is invalid, as W3C asks.
    traceparent: readTraceparent(given[headers.traceparent]),
  };
  refuse(problems);
  return asked;
}

const readAttempt = (said: unknown): number | undefined =>
  typeof said === 'string' && /^[1-9]\d{0,8}$/.test(said) ? Number(said) : undefined;
