import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { integer, oneOfKeys, strict } from '#kit/schema/schema.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { Type } from '#kit/schema/type.ts';
import { headers } from '#kit/wire.ts';

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });

export const Accepts = strict({
  method: Type.Optional(Type.Enum(methods, { description: 'Method of the calls. Default: any.' })),
  path: Type.String({
    default: '/*',
    maxLength: 4096,
    description:
      'Path without query. `{id}` stands for the id. `*` stands for one part of the path, or at the end for all further parts.',
  }),
  id: Type.Optional(
    oneOfKeys(
      {
        header: Name(
          'Header that holds the id, such as `x-request-id`. In `traceparent` the trace id tells which request it is.',
        ),
        query: Name('Parameter of the query that holds the id.'),
        body: Name('Field of the JSON body that holds the id, such as `order.number` or `items.0.sku`.'),
      },
      {
        description:
          'Place of the id, if the path has none: one of these fields. By default the header x-request-id has the id.',
      },
    ),
  ),
  answer: strict(
    {
      status: integer({ from: 200, to: 299, default: 200 }, 'Status of a successful call.'),
      contentType: Type.String({
        default: 'application/json',
        pattern: '^[\\x20-\\x7e]+$',
        maxLength: 200,
        description: 'Header content-type.',
      }),
      body: Type.Optional(
        Type.String({
          maxLength: 10_000,
          description: 'Body. `{id}` stands for the id. Default: that of `POST /work`.',
        }),
      ),
    },
    { default: {}, description: 'Answer to a successful call.' },
  ),
});
export type Accepts = Static<typeof Accepts>;

/** Stands for the id in a path and in the body of an answer. */
export const place = '{id}';

/** Reports a form that no call can have, or in which the place of the id is not clear. */
export function acceptsProblems({ method = 'POST', path, id }: Accepts): Problem[] {
  const at = (pointer: string, message: string): Problem[] => [{ pointer, message }];
  if (!/^\/[^?#]*$/.test(path))
    return at('/path', `expected a path that begins with / and has no query, got ${shorten(path)}`);
  const [unknown] = /\{[^}]*\}?/.exec(path.replaceAll(place, '')) ?? [];
  if (unknown !== undefined) return at('/path', `expected only {id} in braces, or *, got ${unknown}`);
  const count = path.split(place).length - 1;
  if (count > 1) return at('/path', `expected {id} at most once, got it ${count} times`);
  if (count === 1 && id) return at('/id', 'expected none, since the path has {id}: the id is in one place');
  if (method === 'POST' && path === '/work')
    return at('/path', 'expected another path than that of POST /work, which stays as it is');
  return [];
}

export const formOf = ({ method, path }: Accepts): string => `${method ?? 'any method'} ${path}`;

export function placeOf({ path, id }: Accepts): string {
  if (path.includes(place)) return `at {id} in the path ${path}`;
  if (id && 'query' in id) return `in the parameter ${id.query} of the query`;
  if (id && 'body' in id) return `in the field ${id.body} of the JSON body`;
  return `in the header ${headerOf(id)}`;
}

export const headerOf = (id: Accepts['id']): string =>
  (id && 'header' in id ? id.header : headers.requestId).toLowerCase();
