import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer } from '#kit/http-client/answer.ts';
import { Connection } from '#kit/http-client/connection.ts';
import { tlsTransport } from '#kit/http-client/tls.ts';
import { serveTls, trust } from '#test/support/https-server.ts';
import { bytesServer } from '#test/support/listening.ts';

const dayMs = 86_400_000;

/** Posts a body. Resolves with the answer or the error, and with true if the request was sent. */
function post(connection: Connection, body: string): Promise<{ sent: boolean; answer: Answer | Error }> {
  return new Promise((resolve) => {
    let sent = false;
    connection.send(`POST / HTTP/1.1\r\nhost: h\r\ncontent-length: ${body.length}\r\n\r\n${body}`, {
      sending: () => {
        sent = true;
      },
      answered: (answer) => resolve({ sent, answer }),
      broken: (answer) => resolve({ sent, answer }),
    });
  });
}

function connectionTo(port: number, { insecure = false, host = 'localhost' } = {}): Connection {
  const connection = new Connection({ host, port }, undefined, tlsTransport({ insecure }));
  onTestFinished(() => connection.close());
  return connection;
}

const echo = () => serveTls(async (request, response) => response.end(await text(request)));

test('a connection over TLS carries one request after another to a server that it trusts, and names its host', async () => {
  const { port, sockets, cert } = await echo();
  trust(cert);
  const connection = connectionTo(port);
  await connection.open();
  await connection.open();
  expect(connection.isOpen).toBe(true);
  for (const body of ['a', 'b'.repeat(300_000)])
    expect(await post(connection, body)).toMatchObject({ sent: true, answer: { status: 200, body } });
  expect(sockets).toHaveLength(1);
  expect(sockets[0]).toMatchObject({ servername: 'localhost', alpnProtocol: 'http/1.1' });
});

test('a connection over TLS connects when a request needs it, and again after the server has closed it', async () => {
  const { port, sockets, cert } = await serveTls((_, response) =>
    response.setHeader('connection', 'close').end('x'),
  );
  trust(cert);
  const connection = connectionTo(port);
  for (const _ of [1, 2]) expect(await post(connection, 'a')).toMatchObject({ answer: { body: 'x' } });
  expect(sockets).toHaveLength(2);
});

test('a connection over TLS sends nothing to a server that it does not trust', async () => {
  const { port } = await echo();
  const connection = connectionTo(port);
  const { sent, answer } = await post(connection, 'a');
  expect(sent).toBe(false);
  expect(answer).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await expect(connection.open()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test.each([
  ['of another host', { dns: 'example.com' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['that has expired', { forMs: -dayMs }, 'CERT_HAS_EXPIRED'],
])('a connection over TLS refuses a trusted certificate %s', async (_what, certificate, code) => {
  const { port, cert } = await serveTls((_, response) => response.end(), certificate);
  trust(cert);
  const { sent, answer } = await post(connectionTo(port), 'a');
  expect(sent).toBe(false);
  expect(answer).toMatchObject({ code });
});

test.each([
  ['of another host', { dns: 'example.com' }],
  ['that has expired', { forMs: -dayMs }],
])(
  'a connection over TLS that is insecure accepts a certificate %s, also of an address',
  async (_what, certificate) => {
    const { port } = await serveTls((_, response) => response.end('x'), certificate);
    const connection = connectionTo(port, { insecure: true, host: '127.0.0.1' });
    expect(await post(connection, 'a')).toMatchObject({ answer: { body: 'x' } });
  },
);

test('a connection over TLS breaks, unsent, at a server that speaks plain HTTP', async () => {
  const { port } = await bytesServer((socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const { sent, answer } = await post(connectionTo(port, { host: '127.0.0.1' }), 'a');
  expect(sent).toBe(false);
  expect(answer).toBeInstanceOf(Error);
});

test('a connection over TLS sends nothing before the handshake is over', async () => {
  const greeted = Promise.withResolvers<void>();
  const { port } = await bytesServer((socket) => socket.on('data', () => greeted.resolve()));
  const connection = connectionTo(port, { host: '127.0.0.1' });
  const opened = expect(connection.open()).rejects.toThrow('over');
  await greeted.promise;
  const posted = post(connection, 'a');
  connection.destroy(new Error('over'));
  expect(await posted).toEqual({ sent: false, answer: new Error('over') });
  await opened;
});
