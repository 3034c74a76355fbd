import { expect, onTestFinished, test } from 'vitest';
import type { HttpClient, Message } from '#kit/http-client/client.ts';
import { LightClient } from '#kit/http-client/light.ts';
import { UndiciClient } from '#kit/http-client/undici.ts';
import { bytesServer } from '#test/support/listening.ts';
import { done, type Received, stubDownstream } from '#test/support/stub-downstream.ts';

const body = '{"id":"r1","payload":"größer 🎈"}';
const sent: Message = { method: 'POST', path: '/work', headers: ['x-request-id', 'r1'], body };

const echo = ({ request, response }: Received) =>
  void request.toArray().then((chunks) => response.end(Buffer.concat(chunks)));

/** Resolves with a client's outcome if the server sends these bytes and keeps the connection open. */
async function outcomeOf(Client: new (origin: string) => HttpClient, bytes: string): Promise<string> {
  const { port } = await bytesServer((socket) => {
    socket.once('data', () => socket.write(bytes, 'latin1'));
  });
  const client = new Client(`http://127.0.0.1:${port}`);
  onTestFinished(() => client.destroy());
  return new Promise((resolve) => {
    client.send(sent, {
      answered: (status, text) => resolve(`${status} ${text}`),
      broken: () => resolve('broken'),
    });
  });
}

const ok = (headers: string, body = '') => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`;
const chunked = (body: string) => ok('transfer-encoding: chunked', body);

for (const Client of [LightClient, UndiciClient]) {
  test.each([
    ['a tab after a colon', ok('content-length:\t2', 'ok'), '200 ok'],
    ['identity, chunked', ok('transfer-encoding: identity, chunked', '2\r\nok\r\n0\r\n\r\n'), '200 ok'],
    ['chunk extensions and trailers', chunked('2;x=y\r\nok\r\n0\r\nx: y\r\n\r\n'), '200 ok'],
    ['an interim answer', `HTTP/1.1 103 Early Hints\r\n\r\n${ok('content-length: 2', 'ok')}`, '200 ok'],
    ['another protocol that waits', 'hello', 'broken'],
    ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', 'broken'],
    ['a space before a colon', ok('content-length : 2', 'ok'), 'broken'],
    ['a folded header', ok('x: a\r\n b\r\ncontent-length: 2', 'ok'), 'broken'],
    ['two lengths', ok('content-length: 2\r\ncontent-length: 3', 'ok'), 'broken'],
    ['one length twice', ok('content-length: 2\r\ncontent-length: 2', 'ok'), 'broken'],
    ['a length that is none', ok('content-length: 2x9', 'ok'), 'broken'],
    ['a length beside chunks', ok('content-length: 2\r\ntransfer-encoding: chunked', '0\r\n\r\n'), 'broken'],
    ['a chunk longer than it says', chunked('2\r\nokX'), 'broken'],
    ['a chunk size and more', chunked('2 zz\r\nok\r\n0\r\n\r\n'), 'broken'],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'broken'],
    ['a head over 16 KiB', ok(`x: ${'y'.repeat(17_000)}\r\ncontent-length: 2`, 'ok'), 'broken'],
  ])(`${Client.name} and %s`, async (_what, bytes, outcome) => {
    expect(await outcomeOf(Client, bytes)).toBe(outcome);
  });
}

for (const Client of [LightClient, UndiciClient]) {
  const rig = async (answer?: (received: Received) => void) => {
    const stub = await stubDownstream(answer);
    const client: HttpClient = new Client(new URL(stub.url).origin);
    onTestFinished(() => client.destroy());
    const post = (post = sent) =>
      new Promise<string>((resolve, reject) => {
        client.send(post, { answered: (status, text) => resolve(`${status} ${text}`), broken: reject });
      });
    return { stub, client, post };
  };

  test(`${Client.name} sends and reads UTF-8`, async () => {
    const { post } = await rig(echo);
    expect(await post()).toBe(`200 ${body}`);
  });

  test(`${Client.name} sends no header with a line break`, async () => {
    const { post, stub } = await rig(done);
    await expect(post({ ...sent, headers: ['x-request-id', 'r1\r\nx-attempt: 7'] })).rejects.toThrow();
    expect(stub.received).toHaveLength(0);
    expect(await post()).toBe('200 {"done":true}');
  });

  test(`${Client.name} closes after the requests under way`, async () => {
    const { client, post, stub } = await rig();
    const answer = post();
    const { response, request } = await stub.got(0);
    let isClosed = false;
    const closed = client.close().then(() => {
      isClosed = true;
    });
    await new Promise(setImmediate);
    expect([isClosed, request.socket.destroyed]).toEqual([false, false]);
    response.end('{}');
    expect(await answer).toBe('200 {}');
    await closed;
  });

  test(`${Client.name} closes as soon as the last request has ended, also one that waits for a connection`, async () => {
    const { client, post } = await rig(done);
    await post();
    // The first request has not returned its connection yet, so this request waits for the connection.
    const answer = post();
    await Promise.all([client.close(), client.close()]);
    expect(await answer).toBe('200 {"done":true}');
    await client.close();
  });

  test(`${Client.name} breaks off its requests when it is destroyed, and sends none after that`, async () => {
    const { client, post, stub } = await rig();
    const answer = post();
    await stub.got(0);
    client.destroy();
    await expect(answer).rejects.toThrow();
    await expect(post()).rejects.toThrow();
    await expect(post({ ...sent, method: 'GET', body: '' })).rejects.toThrow();
    expect(stub.received).toHaveLength(1);
    await client.close();
  });
}
