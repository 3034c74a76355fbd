import type { FastifyInstance, RouteOptions } from 'fastify';
import { asInput } from '#kit/schema/as-input.ts';
import { Type } from '#kit/schema/type.ts';
import { ProblemBody } from './problem.ts';

/** Description of a route for OpenAPI. It adds to the schemas with which Fastify checks requests. */
export interface Operation {
  /** A sentence. */
  readonly summary: string;
  /** Schema of a body that the handler checks itself. */
  readonly body?: object;
  /** Schemas of headers that the handler checks itself, by name. */
  readonly headers?: Readonly<Record<string, object>>;
  /** Schemas of the successful answers by status. Null for an answer without a body. */
  readonly answers: Readonly<Record<number, Answer | null>>;
  /** Content type of the answers. @default 'application/json' */
  readonly contentType?: string;
  /** Meanings of error answers by status. */
  readonly problems?: Readonly<Record<number, string>>;
  /** Schema of the JSON body of error answers. @default the schema of RFC 9457 */
  readonly error?: object;
  /** True if the route requires no token. */
  readonly isOpen?: boolean;
}

/** JSON Schema of an answer. Its description says what the answer means to the caller. */
type Answer = object & { readonly description?: string };

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<Operation> {}
}

export interface Port {
  readonly title: string;
  /** A sentence. */
  readonly description: string;
  /**
   * Meanings of the error answers that every route may give, by status. Status 401 applies only to routes that require
   * the token.
   */
  readonly problems?: Readonly<Record<number, string>>;
  readonly needsToken?: boolean;
}

type Route = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>;

/** Version of the HTTP interfaces. It increases with each change that breaks callers. */
export const interfaceVersion = '1.0.0';

/**
 * Serves the OpenAPI document of a port at `/openapi.json`. Call it before the routes are added. The document is built
 * only when it is requested, so that it doesn't delay the start.
 */
export function serveOpenApi(app: FastifyInstance, port: Port): void {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url, schema, config }) => {
    if (method !== 'HEAD' && !url.endsWith('*'))
      routes.push({ method, url, ...(schema && { schema }), ...(config && { config }) });
  });
  const config = {
    summary: 'Describes the routes of this port, as an OpenAPI 3.1 document.',
    answers: { 200: Type.Object({}) },
  };
  app.get('/openapi.json', { config, exposeHeadRoute: false }, (_request, reply) => {
    reply.header('content-type', 'application/json').send(documentText(port, routes));
  });
}

/**
 * Returns the document as JSON text. Leaves out `discriminator`, which in OpenAPI needs named schemas. The members of a
 * `oneOf` are distinguished by their constants anyway.
 */
const documentText = (port: Port, routes: readonly Route[]): string =>
  JSON.stringify(documentOf(port, routes), (name, value) => (name === 'discriminator' ? undefined : value));

function documentOf(port: Port, routes: readonly Route[]): object {
  const { title, description, needsToken = false } = port;
  const paths: Record<string, Record<string, object>> = {};
  for (const { method: methods, ...route } of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    for (const method of [methods].flat().map((name) => name.toLowerCase()))
      paths[path] = { ...paths[path], [method]: operationOf(method, route, port) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title,
      version: interfaceVersion,
      description,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: needsToken ? [{ token: [] }] : [],
    paths,
    components: {
      schemas: { Problem: ProblemBody },
      ...(needsToken && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}

function operationOf(
  method: string,
  { url, schema = {}, config }: Omit<Route, 'method'>,
  port: Port,
): object {
  const { summary, headers = {}, isOpen = false } = config ?? {};
  const error = config?.error ? json(config.error) : problem;
  const body = (config?.body ?? schema.body) as object | undefined;
  const isChecked = [body, schema.params, schema.querystring].some((one) => one !== undefined);
  const parameters = [
    ...Array.from(url.matchAll(/:(\w+)/g), ([, name]) => ({
      ...{ name, in: 'path', required: true },
      schema: (schema.params as Fields)?.properties?.[name!] ?? { type: 'string' },
    })),
    ...parametersOf('query', schema.querystring as Fields),
    ...parametersOf('header', { properties: headers }),
  ];
  return {
    operationId: `${method}${url.replace(/\W+/g, '-')}`,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(asInput(body)) } }),
    responses: {
      ...successesOf(config),
      ...failures(isOpen ? withoutToken(port.problems) : port.problems, problem),
      ...(isChecked && failures({ 400: 'The request is not valid.' }, error)),
      ...failures({ ...config?.problems, default: 'Any other error.' }, error),
    },
    ...(isOpen && { security: [] }),
  };
}

interface Fields {
  readonly properties?: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

const parametersOf = (place: string, { properties = {}, required = [] }: Fields = {}): object[] =>
  Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: place, required: required.includes(name) },
    schema,
  }));

const successesOf = ({ answers = {}, contentType = 'application/json' }: Partial<Operation> = {}): object =>
  Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [
      status,
      {
        description: schema?.description ?? 'OK',
        ...(schema && { content: { [contentType]: { schema } } }),
      },
    ]),
  );

const withoutToken = ({ 401: _, ...others }: Port['problems'] = {}) => others;

/** Returns OpenAPI's description of error answers, given their meanings by status. */
const failures = (meanings: Readonly<Record<string, string>> = {}, content: object): object =>
  Object.fromEntries(
    Object.entries(meanings).map(([status, description]) => [status, { description, content }]),
  );

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

const json = (schema: object) => ({ 'application/json': { schema } });
