import type { Static } from 'typebox';
import { escapePointer, type Problem } from '#kit/schema/problems.ts';
import { flag, integer, mapOf, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { Path } from '#kit/wire.ts';
import { unknownPlaceholder, type Variables, variablesIn } from './placeholders.ts';

const headersMax = 50;
const headerCharsMax = 8192;

export const OwnRequest = strict({
  method: Type.Enum(['POST', 'PUT', 'PATCH', 'GET', 'DELETE'], { default: 'POST' }),
  path: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: 'Path with query. Default: `/rpc`, of a command `/work`, on the path event `/events`.',
    }),
  ),
  headers: mapOf(Type.String({ maxLength: headerCharsMax }), {
    default: {},
    description: `Headers by name, at most ${headersMax}. Spillway adds these unless given: content-type, x-request-id, x-timeout-ms, x-class and traceparent.`,
  }),
  body: Type.Optional(
    Type.String({
      maxLength: 100_000,
      description: 'Body. GET and DELETE have none. Default: `{"id":"{id}"}`.',
    }),
  ),
  success: Type.Optional(
    Type.Array(integer({ from: 200, to: 299 }), {
      minItems: 1,
      maxItems: 100,
      description: 'Statuses that mean success. Default: 200, on the path event 202.',
    }),
  ),
  insecure: flag(
    { default: false },
    'With https: accepts any certificate. Only for tests, since any server could then answer.',
  ),
});
export type OwnRequest = Readonly<Static<typeof OwnRequest>>;

/** Facts on which the messages of a command depend. */
export interface Offering {
  readonly path: Path;
  /** Traffic port of the gateway or publisher; of several replicas all, with commas between, which take turns. */
  readonly url: string;
  /** Undefined for a warm-up. */
  readonly seed?: number | undefined;
  /** Request of an experiment, instead of the usual one. */
  readonly request?: OwnRequest | undefined;
}

/** Headers that the generator sets, with what determines their value. */
const reserved: Readonly<Record<string, string>> = {
  host: 'the URL',
  'content-length': 'the body',
  'transfer-encoding': 'the body',
  trailer: 'the body',
  connection: 'the generator, which keeps connections open',
  'keep-alive': 'the generator, which keeps connections open',
  'proxy-connection': 'the generator, which keeps connections open',
  upgrade: 'the generator, which speaks only HTTP/1.1',
  te: 'the generator, which reads no trailers',
  expect: 'the generator, which sends head and body at once',
};

const secret: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key']);

const headerName = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
const headerValue = /^[\t\x20-\x7e]*$/;
const resource = /^\/[\x21\x22\x24-\x7e]*$/;

export const hasBody = (method: OwnRequest['method']): boolean => method !== 'GET' && method !== 'DELETE';

/** Part of a request that may have placeholders. */
interface Part {
  readonly pointer: string;
  readonly text: string;
  /** Matches a text that can be sent. Variables may or may not have their values. */
  readonly pattern: RegExp;
  readonly expected: string;
}

function partsOf({ path = '/', headers, body = '' }: OwnRequest): Part[] {
  return [
    {
      pointer: '/path',
      text: path,
      pattern: resource,
      expected:
        'expected a path that begins with / and has only visible ASCII characters without #; write others as in %20',
    },
    ...Object.entries(headers).map(([name, text]) => ({
      pointer: `/headers/${escapePointer(name)}`,
      text,
      pattern: headerValue,
      expected: 'expected only printable ASCII characters, on one line',
    })),
    { pointer: '/body', text: body, pattern: /^/, expected: 'expected any text' },
  ];
}

export function requestProblems(request: OwnRequest): Problem[] {
  const { method, headers, body = '' } = request;
  const { length } = Object.keys(headers);
  if (length > headersMax)
    return [{ pointer: '/headers', message: `expected at most ${headersMax} headers, got ${length}` }];
  const texts = partsOf(request).flatMap(({ pointer, text, pattern, expected }) => {
    const unknown = unknownPlaceholder(text);
    if (unknown === undefined) return pattern.test(text) ? [] : [{ pointer, message: expected }];
    const message = `unknown placeholder ${unknown}, expected {id} or {env:NAME}; a space after the brace makes it plain text`;
    return [{ pointer, message }];
  });
  const isUnsent = body !== '' && !hasBody(method);
  return [
    ...headerProblems(headers),
    ...texts,
    ...(isUnsent ? [{ pointer: '/body', message: `expected none with the method ${method}` }] : []),
  ];
}

/** Reports headers whose name is wrong, or whose value must not be in the file. */
function headerProblems(headers: OwnRequest['headers']): Problem[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([written, value]) => {
    const name = written.toLowerCase();
    const message = seen.has(name)
      ? `expected each header once, got ${name} again`
      : wrongHeader(written, name, value);
    seen.add(name);
    return message === undefined ? [] : [{ pointer: `/headers/${escapePointer(written)}`, message }];
  });
}

function wrongHeader(written: string, name: string, value: string): string | undefined {
  if (!headerName.test(written)) return 'expected the name of a header, such as x-tenant';
  if (Object.hasOwn(reserved, name)) return `expected no ${name}: it is set by ${reserved[name]}`;
  if (!secret.has(name) || variablesIn(value).length > 0) return undefined;
  return 'expected the secret from the environment, as in {env:NAME}, since this file becomes part of the report';
}

/** Reports variables of a request that are not set, or whose value can't be sent. Never shows a value. */
export const variableProblems = (request: OwnRequest, variables: Variables): Problem[] =>
  partsOf(request).flatMap((part) =>
    variablesIn(part.text).flatMap((name) => {
      const wrong = wrongValue(name, variables[name], part);
      if (wrong === undefined) return [];
      return [{ pointer: part.pointer, message: `the environment variable ${name} ${wrong}` }];
    }),
  );

function wrongValue(name: string, value: string | undefined, { text, pattern, expected }: Part) {
  if (value === undefined) return 'is not set';
  if (value === '') return 'is empty';
  if (value.length > headerCharsMax) return `has more than ${headerCharsMax} characters`;
  const isSendable = pattern.test(text.replaceAll(`{env:${name}}`, () => value));
  return isSendable ? undefined : `has a value that can't be sent: ${expected}`;
}

export const variablesOf = (request: OwnRequest): string[] => [
  ...new Set(partsOf(request).flatMap(({ text }) => variablesIn(text))),
];
