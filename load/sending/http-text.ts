import { traceparents } from '#kit/http/request.ts';
import { headers } from '#kit/wire.ts';
import { hasBody, type Offering, type OwnRequest } from './own-request.ts';
import { filler, type Variables } from './placeholders.ts';
import type { Encode } from './sender.ts';

interface HttpParts extends Omit<Offering, 'url'> {
  readonly host: string;
  readonly variables?: Variables;
}

const json = 'content-type: application/json\r\n';

/** Returns a function that writes requests as HTTP/1.1 (latin1). */
export function httpText({ request, variables = process.env, ...parts }: HttpParts): Encode<string> {
  const { path, host, seed } = parts;
  const resource = path === 'rpc' ? '/rpc' : '/events';
  const traceparent = traceparents(seed);
  if (request) return ownText(request, { resource, host, traceparent, variables });
  const head = `POST ${resource} HTTP/1.1\r\nhost: ${host}\r\n${json}`;
  return (id, index, leftMs, ofClass) => {
    const body = `{"id":"${id}"}`;
    const own = `${ofClass === undefined ? '' : `${headers.class}: ${ofClass}\r\n`}${headers.requestId}: ${id}\r\n${headers.timeoutMs}: ${leftMs}\r\n${headers.traceparent}: ${traceparent(index)}\r\n`;
    return `${head}${own}content-length: ${body.length}\r\n\r\n${body}`;
  };
}

interface OwnParts {
  /** Path of a request that says none. */
  readonly resource: string;
  readonly host: string;
  readonly traceparent: (index: number) => string;
  readonly variables: Variables;
}

/** Returns a function that writes the requests of an experiment. Its headers replace those of the same name. */
function ownText(request: OwnRequest, { resource, host, traceparent, variables }: OwnParts): Encode<string> {
  const { method, path = resource, headers: given } = request;
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const body = request.body ?? (hasBody(method) ? '{"id":"{id}"}' : '');
  const type = body === '' || names.has('content-type') ? '' : json;
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
  const headOf = filler(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${type}${lines.join('')}`, variables);
  const bodyOf = filler(body, variables);
  const line = (name: string, value: string | number | undefined) =>
    value === undefined || names.has(name) ? '' : `${name}: ${value}\r\n`;
  return (id, index, leftMs, ofClass) => {
    const content = Buffer.from(bodyOf(id)).toString('latin1');
    const own = [
      line(headers.class, ofClass),
      line(headers.requestId, id),
      line(headers.timeoutMs, leftMs),
      line(headers.traceparent, traceparent(index)),
      hasBody(method) ? `content-length: ${content.length}\r\n` : '',
    ];
    return `${headOf(id)}${own.join('')}\r\n${content}`;
  };
}
