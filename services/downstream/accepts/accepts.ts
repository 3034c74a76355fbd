import type { FastifyRequest } from 'fastify';
import { completed } from '#downstream/answer.ts';
import type { Answer } from '#kit/http/problem.ts';
import { requestIdOf } from '#kit/http/request.ts';
import { parseJson } from '#kit/json.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { type Accepts, headerOf, place } from './config.ts';

type Call = Pick<FastifyRequest, 'method' | 'url' | 'headers'> & { readonly body?: unknown };

/** Returns the id of the request for which a call is made. Null for a call without one, undefined for another form. */
export function idOf(call: Call, accepts: Accepts, seed: number): string | null | undefined {
  const { method, id } = accepts;
  if (method !== undefined && call.method !== method) return undefined;
  const [path = '', query] = call.url.split('?', 2);
  const inPath = matchPath(path.split('/').map(decoded), accepts.path.split('/'));
  if (inPath === undefined) return undefined;
  const said = () => {
    if (accepts.path.includes(place)) return inPath;
    if (id && 'query' in id) return new URLSearchParams(query).get(id.query);
    if (id && 'body' in id) return fieldOf(parseJson(String(call.body)), id.body.split('.'));
    return call.headers[headerOf(id)];
  };
  return requestIdOf(said(), seed) ?? null;
}

/** Returns the text at `{id}`, empty without one. Undefined if the path has another form. */
function matchPath(parts: readonly string[], pattern: readonly string[]): string | undefined {
  const isOpen = pattern.at(-1) === '*';
  if (isOpen ? parts.length < pattern.length : parts.length !== pattern.length) return undefined;
  let id = '';
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index]!;
    const [before, after] = expected.split(place);
    if (expected === '*' || part === expected) continue;
    if (after === undefined || !part.startsWith(before!) || !part.endsWith(after)) return undefined;
    id = part.slice(before!.length, part.length - after.length);
  }
  return id;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const fieldOf = (value: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (inner, name) =>
      (isRecord(inner) || Array.isArray(inner)) && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );

export function answerTo({ answer: { status, contentType, body } }: Accepts, id: string, duplicate: boolean) {
  const usual = completed(id, duplicate);
  return { status, contentType, body: body?.replaceAll(place, id) ?? usual.body } satisfies Answer;
}
