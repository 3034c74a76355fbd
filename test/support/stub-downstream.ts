import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

/** Attempt that a stub received. */
export interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly attempt: number;
}

/** Starts a server in downstream's place. `answer` responds to an attempt, or leaves the response to the test. */
export async function stubDownstream(answer: (received: Received) => void = () => undefined) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET') return void response.writeHead(404).end();
    const one = {
      request,
      response,
      id: String(request.headers['x-request-id']),
      attempt: Number(request.headers['x-attempt']),
    };
    received.push(one);
    answer(one);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  await listen(0);
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: `http://127.0.0.1:${port}/work`,
    received,
    /** Waits for the attempt with this index. */
    got: (index: number) => until(() => received[index], `attempt ${index}`),
    close,
    listenAgain: () => listen(port),
  };
}

/** Answers 200 at once. */
export const done = ({ response }: Received): void => void response.end('{"done":true}');
