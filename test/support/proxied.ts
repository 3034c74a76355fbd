import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '#kit/clock.ts';
import { Metrics } from '#kit/metrics.ts';
import { netproxy } from '#netproxy/netproxy.ts';
import { bytesServer } from './listening.ts';
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

/** Starts a server like `bytesServer`, whose sockets may be half open. Resolves with its `host:port`. */
export async function tcpServer(onConnection: (socket: Socket) => void) {
  const { port } = await bytesServer(onConnection, { allowHalfOpen: true, noDelay: true });
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
