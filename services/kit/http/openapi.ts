import Fastify, { type FastifyInstance, type FastifySchema, type RouteOptions } from 'fastify';
import { asInput } from '#kit/schema/as-input.ts';
import { Type } from '#kit/schema/type.ts';
import { ProblemBody } from './problem.ts';

/** Description of a route for OpenAPI. It adds to the schemas with which Fastify checks requests. */
export interface Operation {
  readonly summary: string;
  /** Schema of a body that the handler checks itself. */
  readonly body?: object;
  /** Schemas of headers that the handler checks itself, by name. */
  readonly headers?: Readonly<Record<string, object>>;
  /** Schemas of the successful answers by status. Null for an answer without a body. */
  readonly answers: Readonly<Record<number, Answer | null>>;
  /** Content type of the answers. @default 'application/json' */
  readonly contentType?: string;
  readonly problems?: Readonly<Record<number, string>>;
  /** Schema of the JSON body of error answers. @default the schema of RFC 9457 */
  readonly error?: object;
  readonly isOpen?: boolean;
}

/** JSON Schema of an answer. Its description says what the answer means to the caller. */
type Answer = object & { readonly description?: string };

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<Operation> {}
}

export interface Port {
  readonly title: string;
  readonly description: string;
  readonly needsToken?: boolean;
}

/** Version of the HTTP interfaces. It increases with each change that breaks callers. */
export const interfaceVersion = '1.0.0';

type Route = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>;

/** Serves the OpenAPI document of a port at `/openapi.json`. Call it before the routes are added. */
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
  app.get('/openapi.json', { config, exposeHeadRoute: false }, async (_request, reply) => {
    // Without `discriminator`, which in OpenAPI needs named schemas. The constants of a `oneOf` distinguish its members.
    const text = JSON.stringify(await documentOf(port, routes), (name, value) =>
      name === 'discriminator' ? undefined : value,
    );
    return reply.header('content-type', 'application/json').send(text);
  });
}

/** Describes routes on an app of its own, at the first request, since the plugin takes long to load. */
async function documentOf({ needsToken = false, ...texts }: Port, routes: readonly Route[]): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger');
  const app = Fastify();
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => () => '');
  const license = { name: 'Apache License 2.0', identifier: 'Apache-2.0' };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: { ...texts, version: interfaceVersion, license } as { title: string; version: string },
      servers: [{ url: '/' }],
      ...(needsToken && {
        security: [{ token: [] }],
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      }),
    },
    convertConstToEnum: false,
  });
  for (const { schema, config, ...route } of routes)
    app.route({ ...route, schema: described(schema, config), handler: () => '' });
  await app.ready();
  return app.swagger();
}

/** Returns the schema of a route with all that its operation says. */
function described(schema: FastifySchema = {}, operation: Partial<Operation> = {}): FastifySchema {
  const { summary, headers, answers = {}, contentType = 'application/json', problems, isOpen } = operation;
  const body = (operation.body ?? schema.body) as object | undefined;
  const error = operation.error
    ? { 'application/json': { schema: operation.error } }
    : { 'application/problem+json': { schema: ProblemBody } };
  const successes = Object.entries(answers).map(([status, answer]) => [
    status,
    {
      description: answer?.description ?? 'OK',
      ...(answer === null ? { type: 'null' } : { content: { [contentType]: { schema: answer } } }),
    },
  ]);
  const failures = Object.entries({ ...problems, default: 'Any error.' }).map(([status, description]) => [
    status,
    { description, content: error },
  ]);
  return {
    ...schema,
    ...(summary !== undefined && { summary }),
    ...(headers && { headers: Type.Object(optional(headers)) }),
    ...(body && { body: asInput(body) }),
    ...(isOpen && { security: [] }),
    response: Object.fromEntries([...successes, ...failures]),
  };
}

const optional = (fields: Readonly<Record<string, object>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema as never)]));
