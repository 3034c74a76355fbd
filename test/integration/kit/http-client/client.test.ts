import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { httpClient, type Message } from '#kit/http-client/client.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { done, type Received, stubDownstream } from '#test/support/stub-downstream.ts';

const body = '{"id":"r1","payload":"größer 🎈"}';
const sent: Message = { method: 'POST', path: '/work', headers: ['x-request-id', 'r1'], body };

const echo = ({ request, response }: Received) =>
  void request.toArray().then((chunks) => response.end(Buffer.concat(chunks)));

function clientOf(origin: string) {
  const client = httpClient(origin);
  onTestFinished(() => client.destroy());
  const post = (post = sent) =>
    new Promise<string>((resolve, reject) => {
      client.send(post, { answered: (status, text) => resolve(`${status} ${text}`), broken: reject });
    });
  return { client, post };
}

const rig = async (answer?: (received: Received) => void) => {
  const stub = await stubDownstream(answer);
  return { stub, ...clientOf(new URL(stub.url).origin) };
};

test('httpClient sends and reads UTF-8, also in headers', async () => {
  const { post, stub } = await rig(echo);
  expect(await post({ ...sent, headers: ['x-request-id', 'r\u00e9\u010a'] })).toBe(`200 ${body}`);
  expect(stub.received.map(({ id }) => Buffer.from(id, 'latin1').toString())).toEqual(['r\u00e9\u010a']);
});

test('httpClient sends no header with a line break', async () => {
  const { post, stub } = await rig(done);
  await expect(post({ ...sent, headers: ['x-request-id', 'r1\r\nx-attempt: 7'] })).rejects.toThrow();
  expect(stub.received).toHaveLength(0);
  expect(await post()).toBe('200 {"done":true}');
});

test('httpClient closes after the requests under way', async () => {
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

test('httpClient sends no request that is given up while it waits for a connection', async () => {
  const { client, stub } = await rig(done);
  const broken = () => expect.unreachable();
  const answered = () => client.send(sent, { answered: broken, broken })();
  client.send(sent, { answered, broken });
  await stub.got(0);
  await client.close();
  expect(stub.received).toHaveLength(1);
});

test('httpClient breaks off its requests when it is destroyed, and sends none after that', async () => {
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

/** Starts a process that listens but never accepts a connection. Once its backlog is full, connecting hangs. */
async function deaf(): Promise<string> {
  const script = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('fs').writeSync(1, String(s.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const guard = new Guard();
  guard.process(child);
  onTestFinished(() => guard.release());
  const [port] = await once(child.stdout, 'data');
  return `http://127.0.0.1:${port}`;
}

/** More than the backlog of `deaf` has room for. */
const many = 8;

test('httpClient stops connecting for requests that are given up', async () => {
  const { client } = clientOf(await deaf());
  const never = () => expect.unreachable();
  const giveUps = Array.from({ length: many }, () => client.send(sent, { answered: never, broken: never }));
  for (const giveUp of giveUps) giveUp();
  await client.close();
});
