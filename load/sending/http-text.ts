import { traceparents } from '#kit/http/request.ts';
import { headers, type Path } from '#kit/wire.ts';
import type { Encode } from './sender.ts';

interface HttpParts {
  readonly path: Path;
  /** The host header. */
  readonly host: string;
  /** Undefined for a warm-up. */
  readonly seed?: number | undefined;
}

/** Returns a function that writes requests as HTTP/1.1 (latin1). */
export function httpText({ path, host, seed }: HttpParts): Encode<string> {
  const resource = path === 'rpc' ? '/rpc' : '/events';
  const head = `POST ${resource} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  const traceparent = traceparents(seed ?? 0, seed === undefined ? 'warm' : 'run');
  return (id, index, leftMs, ofClass) => {
    const body = `{"id":"${id}"}`;
    const own = `${ofClass === undefined ? '' : `${headers.class}: ${ofClass}\r\n`}${headers.requestId}: ${id}\r\n${headers.timeoutMs}: ${leftMs}\r\n${headers.traceparent}: ${traceparent(index)}\r\n`;
    return `${head}${own}content-length: ${body.length}\r\n\r\n${body}`;
  };
}
