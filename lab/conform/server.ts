import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bench } from './bench.ts';

/**
 * Starts the dependency on a port of this machine, and resolves with its address. It finds the id of a call in the
 * address, in `x-request-id` or in the body of a request.
 */
export async function serve(bench: Bench): Promise<string> {
  const server = createServer(async (request, response) => {
    const parts = [request.url, request.headers['x-request-id']];
    for await (const part of request) parts.push(String(part));
    const id = /call-\d+/.exec(parts.join(' '))?.[0];
    const { giveUp } = bench.begin(bench.callOf(id), ({ status = 200, retryAfterMs }) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      });
      response.end(JSON.stringify({ status }));
    });
    response.on('close', giveUp);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
