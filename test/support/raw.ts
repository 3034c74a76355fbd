import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

/** TCP connection under the test's control, and the text received over it. */
export interface Raw {
  readonly socket: Socket;
  /** Text received so far. */
  text(): string;
  readonly closed: Promise<void>;
}

/** Connects to a base URL. The connection is destroyed when the test is over. */
export async function raw(url: string, send = ''): Promise<Raw> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (data: string) => {
    received += data;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await until(() => socket.closed || !socket.connecting);
  socket.write(send);
  return { socket, text: () => received, closed };
}

/** Returns the bytes of a complete HTTP request, as text. */
export function requestText(method: string, path: string, body = '', more = ''): string {
  const type = body && 'content-type: application/json\r\n';
  return `${method} ${path} HTTP/1.1\r\nhost: test\r\n${type}content-length: ${body.length}\r\n${more}\r\n${body}`;
}
