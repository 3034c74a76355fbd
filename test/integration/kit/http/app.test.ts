import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { createApp, defaultLimits } from '#kit/http/app.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { listen, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

/** Starts a server that holds each answer until the test calls the answer's entry in `waiting`. */
async function rig(limits: Partial<typeof defaultLimits> = {}) {
  const app = createApp(silent, { ...defaultLimits, ...limits });
  const waiting: (() => void)[] = [];
  app.post('/work', async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return 'done';
  });
  app.get('/', () => 'hello');
  const stream = new PassThrough();
  app.get('/stream', (_request, reply) => void reply.send(stream));
  const url = await listen(app);
  return { app, url, waiting, stream };
}

const work = requestText('POST', '/work', '{"id":"r1"}');
const answered = /^HTTP\/1\.1 200 .*connection: close.*done$/is;

test('close answers what was accepted and ends its connection', async () => {
  const { app, url, waiting } = await rig();
  const client = await raw(url, work);
  await until(() => waiting.length === 1);
  let closed = false;
  const closing = app.close().then(() => {
    closed = true;
  });
  await until(async () => (await raw(url)).socket.destroyed, 'no more connections are taken');
  expect(closed).toBe(false);
  waiting[0]!();
  await closing;
  await client.closed;
  expect(client.text()).toMatch(answered);
});

test.each([
  ['that is idle after an answer', requestText('GET', '/')],
  ['that was never used', ''],
  ['with half the headers', work.slice(0, 20)],
  ['with half the body', work.slice(0, -3)],
  ['with half of its second request', requestText('GET', '/') + work.slice(0, -3)],
])('close does not wait for a connection %s', async (_sentence, sent) => {
  const { app, url } = await rig({ closingMs: 20 });
  const client = await raw(url, sent);
  if (sent.startsWith('GET')) await until(() => client.text().endsWith('hello'));
  await app.close();
  await client.closed;
  expect(client.text()).not.toContain('done');
});

test('close has patience with a request on its way, and with an answer for as long as it takes', async () => {
  const closingMs = 500;
  const { app, url, waiting } = await rig({ closingMs });
  const client = await raw(url, work.slice(0, -3));
  const other = await raw(url);
  const after = vi.spyOn(systemClock, 'after').mockReturnValue(undefined);
  const closing = app.close();
  await until(() => !app.server.listening);
  const [[ms, closingIsOver] = expect.fail()] = after.mock.calls;
  after.mockRestore();
  client.socket.write(work.slice(-3));
  await until(() => waiting.length === 1);
  expect(ms).toBe(closingMs);
  closingIsOver();
  await other.closed;
  waiting[0]!();
  await closing;
  await client.closed;
  expect(client.text()).toMatch(answered);
});
