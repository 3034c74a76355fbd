import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { drawFor } from '#kit/random.ts';
import { checker } from '#kit/schema/parser.ts';
import { type Problem, refuse } from '#kit/schema/problems.ts';
import { isName, mapOf, number, strict } from '#kit/schema/schema.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { Type } from '#kit/schema/type.ts';
import { headers, requestId, warmUpId } from '#kit/wire.ts';

const idPattern = '^[A-Za-z0-9._:-]+$';
const idCharsMax = 128;

/** The body of `POST /rpc`, `/events` and `/work`. */
const WorkBody = strict({
  id: Type.String({
    ...{ minLength: 1, maxLength: idCharsMax, pattern: idPattern },
    description: 'Id of the request, the same for all of its attempts.',
  }),
  payload: Type.Optional(Type.Unknown()),
});
type WorkBody = Static<typeof WorkBody>;

const problemsIn = checker(WorkBody);

const timePattern = /^\d{1,12}(\.\d{1,6})?$/;
const attemptPattern = /^[1-9]\d{0,8}$/;

/** Reads body and headers of a request for work. `leftMs` is how long the caller still waits. Throws InvalidError. */
export function readWork({ body, headers: given }: Pick<FastifyRequest, 'body' | 'headers'>) {
  const problems: Problem[] = [...problemsIn(body)];
  const read = <T>(header: string, reader: (said: unknown) => T | undefined, expected: string) => {
    const said = given[header];
    if (said === undefined) return undefined;
    const value = reader(said);
    if (value === undefined)
      problems.push({ pointer: '', header, message: `expected ${expected}, got ${shorten(said)}` });
    return value;
  };
  const asked = {
    body: body as WorkBody,
    leftMs: read(headers.timeoutMs, timeLeft, 'ms, such as 250'),
    class: read(headers.class, readClass, 'the name of a class, such as slow'),
    attempt: read(headers.attempt, readAttempt, 'a number from 1 on'),
    // An invalid trace is ignored, as W3C Trace Context requires.
    traceparent: readTraceparent(given[headers.traceparent]),
  };
  refuse(problems);
  return asked;
}

export type WorkRequest = ReturnType<typeof readWork>;

/** Returns a header's value if it is a text that matches the pattern; otherwise undefined. */
const match = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;

const readNumber = (value: unknown, pattern: RegExp): number | undefined =>
  match(value, pattern) === undefined ? undefined : Number(value);

const readAttempt = (value: unknown): number | undefined => readNumber(value, attemptPattern);

/** Parses the value of `x-timeout-ms`; undefined if it is invalid. */
export const timeLeft = (value: unknown): number | undefined => readNumber(value, timePattern);

/** Shares of the requests by class. The remaining requests have no class. */
export const Classes = mapOf(number({ above: 0, to: 1 }), {
  default: {},
  description:
    'Shares of the requests by class, drawn at random, the same in every variant: { slow: 0.05 }. Policies, hypotheses and faults of downstream can be limited to a class.',
});
export type Classes = Readonly<Static<typeof Classes>>;

export const readClass = (header: unknown): string | undefined => (isName(header) ? header : undefined);

/** Draws the class of a request. It is the same in every variant. Undefined for a request without a class. */
export function classOf(classes: Classes, seed: number, id: string): string | undefined {
  const shares = Object.entries(classes);
  let left = shares.length === 0 ? 0 : drawFor(seed, id, 0, 'class');
  for (const [name, share] of shares) {
    left -= share;
    if (left < 0) return name;
  }
  return undefined;
}

/** Pattern of version 00 of https://www.w3.org/TR/trace-context/: version, trace id, parent id, flags. */
const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Returns a valid `traceparent`. Undefined for an invalid one, which is therefore not forwarded. */
export const readTraceparent = (value: unknown): string | undefined => match(value, valid);

/** Returns a function that makes a `traceparent`; of a warm-up if there is no seed. Its flags 00 mean: not recorded. */
export function traceparents(seed?: number): (index: number) => string {
  const { trace, parent } = traceDigits(seed);
  return (index) => {
    const number = hex(index);
    return `00-${trace}${number}-${parent}${number}-00`;
  };
}

/** Returns the digits before the index in the trace ids and parent ids of `traceparents`. */
function traceDigits(seed: number | undefined) {
  const purpose = seed === undefined ? 'warm' : 'run';
  const [a, b, c] = ['a', 'b', 'c'].map((part) => digits(drawFor(seed ?? 0, purpose, 0, part)));
  return { trace: `${a}${b}${c}`, parent: c };
}

const indexAt = '00-'.length + 3 * 8;

/**
 * Returns the id of a request that a call states: the id, or a `traceparent` with the trace of the request. Undefined
 * for anything else, such as the trace of a run with another seed.
 */
export function requestIdOf(said: unknown, seed: number): string | undefined {
  if (typeof said !== 'string' || said.length > idCharsMax) return undefined;
  if (!valid.test(said)) return isId.test(said) ? said : undefined;
  const isOf = (of: number | undefined) => said.startsWith(`00-${traceDigits(of).trace}`);
  const index = () => Number.parseInt(said.slice(indexAt, indexAt + 8), 16);
  if (isOf(seed)) return requestId(index());
  return isOf(undefined) ? warmUpId(index()) : undefined;
}

const isId = new RegExp(idPattern);

/** Converts a draw to eight hex digits. They are never all zero, since trace ids of zeros are invalid. */
const digits = (draw: number): string => hex(draw * 2 ** 32 || 1);
const hex = (value: number): string => value.toString(16).padStart(8, '0');
