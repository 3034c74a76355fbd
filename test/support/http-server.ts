import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listening } from './listening.ts';

interface Asked {
  readonly id: string;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Starts an HTTP server that runs until the test is over. `answer` writes the answer to each request. */
export async function serve(answer: (asked: Asked) => void) {
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    answer({ id: JSON.parse(body).id, path: request.url!, request, response });
  });
  let connects = 0;
  server.on('connection', (socket) => {
    connects += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listening(server);
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(close);
  return {
    address: { host: '127.0.0.1', port },
    url: `http://127.0.0.1:${port}`,
    sockets,
    close,
    get connects() {
      return connects;
    },
  };
}

export function reply(response: ServerResponse, status: number, body: object = {}, attempts?: number): void {
  if (attempts !== undefined) response.setHeader('x-attempt', attempts);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
