import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '#kit/clock.ts';
import { Metrics } from '#kit/metrics.ts';
import { netproxy } from '#netproxy/netproxy.ts';
import { listening } from './listening.ts';
import { hold, silent } from './serve.ts';

interface Options {
  readonly clock?: Clock | undefined;
  /** With a token, proxies may listen on any address. Here, calls of the control port work without the token. */
  readonly token?: string;
}

/** Starts a netproxy in this process, with a listening control port. Stops it when the test is over. */
export async function startNetproxy(initial: object = {}, { clock, token = '' }: Options = {}) {
  const parts = { log: silent, metrics: new Metrics(), initial, env: { CONTROL_TOKEN: token } };
  const held = hold(await netproxy({ ...parts, ...(clock && { clock }) }));
  const url = await held.control.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...held,
    url,
    /** Calls the API and returns the status and the body. */
    async call(method: string, path: string, body?: unknown) {
      const response = await fetch(url + path, {
        method,
        ...(typeof body === 'string' && { body }),
        ...(typeof body === 'object' && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
  };
}

/** Starts a server on a free port of loopback. Closes it with all connections when the test is over. */
export async function tcpServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  const port = await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${port}`;
}

/** Connects to `host:port`. The connection is destroyed when the test is over. */
export async function tcpClient(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port), noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}
