import type { Static } from 'typebox';
import { escapePointer, type Problem } from '#kit/schema/problems.ts';
import { flag, integer, mapOf, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { unknownPlaceholder, type Variables, variablesIn } from './placeholders.ts';

const headersMax = 50;
const headerCharsMax = 8192;

export const OwnRequest = strict({
  method: Type.Enum(['POST', 'PUT', 'PATCH', 'GET', 'DELETE'], { default: 'POST' }),
  path: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: 'Path with query. Default: `/rpc`, on the path event `/events`.',
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
  /** Returns what was expected of a text that can't be sent. Variables may or may not have their values. */
  readonly wrong: (text: string) => string | undefined;
}

function partsOf({ path = '/', headers, body = '' }: OwnRequest): Part[] {
  return [
    {
      pointer: '/path',
      text: path,
      wrong: (text) =>
        resource.test(text)
          ? undefined
          : 'expected a path that begins with / and has only visible ASCII characters without #; write others as in %20',
    },
    ...Object.entries(headers).map(([name, text]) => ({
      pointer: `/headers/${escapePointer(name)}`,
      text,
      wrong: (value: string) =>
        headerValue.test(value) ? undefined : 'expected only printable ASCII characters, on one line',
    })),
    { pointer: '/body', text: body, wrong: () => undefined },
  ];
}

export function requestProblems(request: OwnRequest): Problem[] {
  const { method, headers, body = '' } = request;
  const { length } = Object.keys(headers);
  if (length > headersMax)
    return [{ pointer: '/headers', message: `expected at most ${headersMax} headers, got ${length}` }];
  const texts = partsOf(request).flatMap(({ pointer, text, wrong }) => {
    const unknown = unknownPlaceholder(text);
    const message =
      unknown === undefined
        ? wrong(text)
        : `unknown placeholder ${unknown}, expected {id} or {env:NAME}; a space after the brace makes it plain text`;
    return message === undefined ? [] : [{ pointer, message }];
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
export function variableProblems(request: OwnRequest, variables: Variables): Problem[] {
  return partsOf(request).flatMap(({ pointer, text, wrong }) =>
    variablesIn(text).flatMap((name) => {
      const value = variables[name];
      if (!value) {
        const state = value === undefined ? 'not set' : 'empty';
        return [{ pointer, message: `the environment variable ${name} is ${state}` }];
      }
      if (value.length > headerCharsMax) {
        const message = `the environment variable ${name} has more than ${headerCharsMax} characters`;
        return [{ pointer, message }];
      }
      const message = wrong(text.replaceAll(`{env:${name}}`, () => value));
      return message === undefined
        ? []
        : [
            {
              pointer,
              message: `the environment variable ${name} has a value that can't be sent: ${message}`,
            },
          ];
    }),
  );
}

export const variablesOf = (request: OwnRequest): string[] => [
  ...new Set(partsOf(request).flatMap(({ text }) => variablesIn(text))),
];
