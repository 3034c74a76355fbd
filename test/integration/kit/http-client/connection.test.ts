import { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '#kit/clock.ts';
import type { Answer } from '#kit/http-client/answer.ts';
import { Connection } from '#kit/http-client/connection.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { bytesServer } from '#test/support/listening.ts';
import { until } from '#test/support/until.ts';

/** Starts a TCP server. `onData` gets each received text and writes the answer. */
const listen = (onData: (socket: Socket, text: string) => void) =>
  bytesServer((socket) => socket.on('data', (data) => onData(socket, data.toString())));

function connectionTo(port: number, clock?: Clock): Connection {
  const connection = new Connection({ host: '127.0.0.1', port }, clock);
  onTestFinished(() => connection.close());
  return connection;
}

/** Starts a TCP server and connects to it. */
async function connected(onData: Parameters<typeof listen>[0]) {
  const served = await listen(onData);
  return { ...served, connection: connectionTo(served.port) };
}

/** Sends a request. Resolves with the answer or the error. `sent` is true if the request had been sent before. */
function ask(connection: Connection, text: string): Promise<{ sent: boolean; answer: Answer | Error }> {
  return new Promise((resolve) => {
    let sent = false;
    connection.send(text, {
      sending: () => {
        sent = true;
      },
      answered: (answer) => resolve({ sent, answer }),
      broken: (reason) => resolve({ sent, answer: reason }),
    });
  });
}

const ok = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

describe('Connection', () => {
  test('carries one request after another', async () => {
    const { connection, sockets } = await connected((socket, text) => socket.write(ok(text)));
    await connection.open();
    await connection.open();
    for (const text of ['a', 'b']) {
      expect(await ask(connection, text)).toMatchObject({ sent: true, answer: { status: 200, body: text } });
    }
    expect(sockets).toHaveLength(1);
  });

  test('connects when a request needs it', async () => {
    const { connection } = await connected((socket, text) => socket.write(ok(text)));
    expect(connection.isOpen).toBe(false);
    expect(await ask(connection, 'a')).toMatchObject({ sent: true, answer: { body: 'a' } });
  });

  test('takes an answer in pieces', async () => {
    const { port } = await listen((socket) => {
      const pieces = ['HTTP/1.1 2', '00 OK\r\ncontent-le', 'ngth: 10000\r\n\r\n', 'x'.repeat(9999), 'y'];
      const next = () => {
        socket.write(pieces.shift()!);
        if (pieces.length > 0) setImmediate(next);
      };
      next();
    });
    const { answer } = await ask(connectionTo(port), 'a');
    expect(answer).toMatchObject({ status: 200, body: `${'x'.repeat(9999)}y` });
  });

  test('breaks when the server hangs up before the answer is whole', async () => {
    const { connection } = await connected((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'),
    );
    const { sent, answer } = await ask(connection, 'a');
    expect(sent).toBe(true);
    expect(answer).toEqual(new Error('the server closed the connection'));
    expect(connection.isOpen).toBe(false);
  });

  test('breaks with the reason when the server resets', async () => {
    const { port } = await listen((socket) => socket.resetAndDestroy());
    const { answer } = await ask(connectionTo(port), 'a');
    expect(answer).toMatchObject({ code: 'ECONNRESET' });
  });

  test('breaks, unsent, when no server listens', async () => {
    const { port, server } = await listen(() => {});
    await new Promise((resolve) => server.close(resolve));
    const connection = connectionTo(port);
    expect(await ask(connection, 'a')).toMatchObject({ sent: false, answer: { code: 'ECONNREFUSED' } });
    await expect(connection.open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('Connection gives up connecting after 5 s', async () => {
  const socket = new Socket();
  const transport = { connect: () => socket, ready: 'connect' as const };
  const asked = ask(new Connection({ host: '127.0.0.1', port: 1 }, undefined, transport), 'a');
  expect(socket.timeout).toBe(5000);
  socket.emit('timeout');
  expect(await asked).toMatchObject({ sent: false, answer: { message: 'no connection within 5000 ms' } });
});

describe('an idle Connection', () => {
  test.each([
    ['goes on shortly before', 5, 4000, 1],
    ['is another one when its server may hang up any moment', 5, 4001, 2],
    ['goes on for half of a short time', 1, 500, 1],
    ['is another one after that', 1, 501, 2],
  ])('%s', async (_sentence, seconds, idleMs, connections) => {
    const answer = ok('x').replace('\r\n', `\r\nkeep-alive: timeout=${seconds}\r\n`);
    const { port, sockets } = await listen((socket) => socket.write(answer));
    const clock = new VirtualClock();
    const connection = connectionTo(port, clock);
    await ask(connection, 'a');
    await clock.advance(idleMs);
    expect(connection.isOpen).toBe(connections === 1);
    expect(await ask(connection, 'b')).toMatchObject({ sent: true, answer: { body: 'x' } });
    expect(sockets).toHaveLength(connections);
  });

  test.each([
    ['carries its first request shortly before its server may give up on it', 4000, 1],
    ['is another one after that', 4001, 2],
  ])('without a request, %s', async (_sentence, unusedMs, connections) => {
    const { port, sockets } = await listen((socket, text) => socket.write(ok(text)));
    const clock = new VirtualClock();
    const connection = connectionTo(port, clock);
    await connection.open();
    await clock.advance(unusedMs);
    expect(connection.isOpen).toBe(connections === 1);
    expect(await ask(connection, 'a')).toMatchObject({ sent: true, answer: { body: 'a' } });
    expect(sockets).toHaveLength(connections);
  });
});

const endless = 'HTTP/1.1 200 OK\r\n\r\nall of it';

describe('Connection, however an answer ends,', () => {
  test('takes an answer without a length when the server ends the connection', async () => {
    const { connection } = await connected((socket) => socket.end(endless));
    expect(await ask(connection, 'a')).toMatchObject({ answer: { body: 'all of it', keepAliveMs: 0 } });
    expect(connection.isOpen).toBe(false);
  });

  test.each([
    ['a reset', (_: Connection, socket: Socket) => void socket.resetAndDestroy()],
    ['destroy', (connection: Connection) => connection.destroy(new Error('destroyed'))],
  ])('does not take an answer without a length that %s cut off', async (_what, cut) => {
    const { connection, sockets } = await connected((socket) => socket.write(endless));
    const asked = ask(connection, 'a');
    await until(() => sockets[0] && sockets[0].bytesWritten > 0 && sockets[0].writableLength === 0);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    cut(connection, sockets[0]!);
    expect((await asked).answer).toBeInstanceOf(Error);
  });
});

describe('Connection, once it is closed,', () => {
  test('connects again after the server has closed it', async () => {
    const { connection, sockets } = await connected((socket, text) => socket.write(ok(text)));
    await ask(connection, 'a');
    sockets[0]!.destroy();
    await until(() => !connection.isOpen);
    expect(await ask(connection, 'b')).toMatchObject({ answer: { body: 'b' } });
    expect(sockets).toHaveLength(2);
  });

  test('lets go after an answer that says so', async () => {
    const { connection } = await connected((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx'),
    );
    expect(await ask(connection, 'a')).toMatchObject({ answer: { body: 'x' } });
    expect(connection.isOpen).toBe(false);
  });

  test('closes on an unrequested answer, so that no request gets it', async () => {
    const { connection, sockets } = await connected(() => {});
    await connection.open();
    await until(() => sockets.length === 1);
    sockets[0]!.write(ok('early'));
    await until(() => !connection.isOpen);
  });
});
