import { getEventListeners } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { UpstreamError } from '#kit/http-client/posted.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { listening } from '#test/support/listening.ts';
import { done, type Received, stubDownstream } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';

const { signal } = new AbortController();
const posted = { id: 'r1', body: '{"id":"r1"}', attempts: 2 };

/** Starts a server that accepts connections and, by default, sends nothing. */
async function somebody(answer: RequestListener = () => undefined) {
  const server = createServer(answer);
  return { server, url: `http://127.0.0.1:${await listening(server)}/work` };
}

const soon = ({ response }: Received) => void setImmediate(() => response.end('{}'));

/** Creates an 'Upstream' with this client. It is closed when the test is over. */
function opened(...of: ConstructorParameters<typeof Upstream>) {
  const upstream = new Upstream(...of);
  onTestFinished(() => upstream.close());
  return upstream;
}

async function rig(answer?: (received: Received) => void) {
  const stub = await stubDownstream(answer);
  const connections = new Set<unknown>();
  stub.server.on('connection', (socket) => connections.add(socket));
  const upstream = opened(stub.url);
  return { stub, connections, upstream, post: (caller = signal) => upstream.post(posted, caller) };
}

test('Upstream.post sends the body with its headers, and resolves with the answer', async () => {
  const { post, stub } = await rig(({ request, response }) => {
    void request.toArray().then((chunks) => response.writeHead(202).end(Buffer.concat(chunks)));
  });
  expect(await post()).toBe('{"id":"r1"}');
  expect(stub.received[0]?.request).toMatchObject({ method: 'POST', url: '/work' });
  expect(stub.received[0]?.request.headers).toMatchObject({
    'content-type': 'application/json',
    'x-request-id': 'r1',
    'x-attempt': '2',
  });
});

test('Upstream.post passes a trace on with a parent id of the attempt, and makes up none', async () => {
  const { upstream, post, stub } = await rig(done);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await upstream.post({ ...posted, traceparent }, signal);
  await post();
  const sent = stub.received.map(({ request }) => request.headers.traceparent);
  expect(sent).toEqual([traceparent, undefined]);
});

test.each([
  ['an error answer', ({ response }: Received) => void response.writeHead(500).end('oops'), 500],
  ['an answer that is no JSON', ({ response }: Received) => void response.end("{'id':'r1'"), 200],
  ['a redirect', ({ response }: Received) => void response.writeHead(302, { location: '/' }).end(), 302],
  ['a connection closed without an answer', ({ request }: Received) => void request.socket.destroy(), 0],
  [
    'a connection closed within the answer',
    ({ request, response }: Received) => {
      response.writeHead(200, { 'content-length': 100 }).write('half', () => request.socket.destroy());
    },
    0,
  ],
  ['an endless answer', ({ response }: Received) => void response.end('x'.repeat(1024 * 1024 + 1)), 0],
])('Upstream.post rejects with UpstreamError: %s', async (_sentence, answer, status) => {
  const { post } = await rig(answer);
  const error = await post().catch((error) => error);
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error.status).toBe(status);
});

test('Upstream.post rejects with UpstreamError when no server listens, and works as soon as one does', async () => {
  const { post, stub } = await rig(done);
  await stub.close();
  await expect(post()).rejects.toMatchObject({ name: 'UpstreamError', status: 0 });
  await stub.listenAgain();
  expect(await post()).toBe('{"done":true}');
});

test('Upstream.post rejects with the reason when its signal aborts, and hangs up', async () => {
  const { post, stub } = await rig();
  const caller = new AbortController();
  const answer = post(caller.signal);
  const { request } = await stub.got(0);
  const reason = new Error('enough');
  caller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  await until(() => request.socket.destroyed);
});

test('Upstream.post rejects a header with a line break with UpstreamError', async () => {
  const { upstream, stub } = await rig(done);
  const caller = new AbortController();
  const error = await upstream.post({ ...posted, id: 'r1\r\nx-attempt: 7' }, caller.signal).catch((e) => e);
  expect(error).toBeInstanceOf(UpstreamError);
  expect(stub.received).toHaveLength(0);
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
});

test('Upstream.unreachable says why, and nothing when any answer comes', async () => {
  const { upstream, stub } = await rig();
  expect(await upstream.unreachable()).toBeUndefined();
  await stub.close();
  const refused = /^downstream does not answer: .*ECONNREFUSED/;
  await until(async () => refused.test((await upstream.unreachable()) ?? ''), 'it is refused');
  await stub.listenAgain();
  expect(await upstream.unreachable()).toBeUndefined();
});

test('Upstream.unreachable waits only briefly for a server that accepts and sends nothing', async () => {
  const upstream = opened((await somebody()).url);
  expect(await upstream.unreachable()).toBe('downstream does not answer: not within 2000 ms');
});

test('Upstream.post goes to the addresses of a name, which stays in the host header', async () => {
  const stub = await stubDownstream(done);
  const { port } = new URL(stub.url);
  const resolve = async () => ['127.0.0.1', '127.0.0.1'];
  const upstream = opened(`http://downstream.invalid:${port}/work`, resolve);
  await until(async () => (await upstream.unreachable()) === undefined, 'the addresses are known');
  expect(await upstream.post(posted, signal)).toBe('{"done":true}');
  expect(stub.received[0]?.request.headers.host).toBe(`downstream.invalid:${port}`);
});

test('Upstream goes to several URLs in turn, fails when it is the turn of one that is not there, and is unreachable once none is', async () => {
  const stubs = [await stubDownstream(done), await stubDownstream(done)] as const;
  const upstream = opened(stubs.map(({ url }) => url));
  const post = () => upstream.post(posted, signal);
  for (let i = 0; i < 6; i++) await post();
  expect(stubs.map(({ received }) => received.length)).toEqual([3, 3]);
  await stubs[1].close();
  const ends = await Promise.allSettled([post(), post(), post(), post()]);
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(2);
  expect(await upstream.unreachable()).toBeUndefined();
  await stubs[0].close();
  expect(await upstream.unreachable()).toMatch(/^downstream does not answer: /);
});

test('Upstream.post has as many connections as there are calls under way, and uses them again', async () => {
  const { post, stub, connections } = await rig(soon);
  for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 50 }, () => post()));
  expect(connections.size).toBe(50);
  expect(stub.received).toHaveLength(150);
});
