import { expect, test } from 'vitest';
import { createApp, defaultLimits } from '#kit/http/app.ts';
import { raw, requestText } from '#test/support/raw.ts';
import { listen, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

function app(limits: Partial<typeof defaultLimits> = {}) {
  const app = createApp(silent, { ...defaultLimits, ...limits });
  app.post('/work', () => 'done');
  return app;
}

const whole = requestText('POST', '/work', '{"id":"r1"}');

test.each([
  ['nothing', ''],
  ['half the headers', whole.slice(0, 20)],
  ['half the body', whole.slice(0, -3)],
])('a slow client that sends %s is cut off, and others are served', async (_sentence, half) => {
  const url = await listen(app({ requestMs: 200 }));
  const slow = await raw(url, half);
  const other = await raw(url, whole);
  await until(() => other.text().startsWith('HTTP/1.1 200'));
  await slow.closed;
  expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
  expect(slow.text()).toContain('"type":"urn:spillway:too-slow"');
});

test('a client that sends its bytes one by one is cut off all the same', async () => {
  const slow = await raw(await listen(app({ requestMs: 200 })), `${whole.slice(0, 21)}x-filler: `);
  const sending = setInterval(() => slow.socket.write('x'), 2);
  await slow.closed.finally(() => clearInterval(sending));
});

test('headers beyond the limit get 431, just below it 200', async () => {
  const url = await listen(app({ headerBytes: 2000 }));
  const send = (bytes: number) =>
    raw(url, requestText('POST', '/work', '{"id":"r1"}', `x-filler: ${'x'.repeat(bytes)}\r\n`));
  const fine = await send(1000);
  await until(() => fine.text().startsWith('HTTP/1.1 200'));
  const large = await send(2000);
  await large.closed;
  expect(large.text()).toMatch(/^HTTP\/1\.1 431 /);
  expect(large.text()).toContain('"type":"urn:spillway:too-large"');
});

test('bytes that are no HTTP get 400, and the connection is closed', async () => {
  const other = await raw(await listen(app()), 'SSH-2.0-OpenSSH_9.9\r\n\r\n');
  await other.closed;
  expect(other.text()).toMatch(/^HTTP\/1\.1 400 /);
});

test('connections beyond the limit are closed unanswered, until one of the others ends', async () => {
  const url = await listen(app({ connections: 2 }));
  const [first] = await Promise.all([raw(url, whole), raw(url, whole)]);
  await until(() => first.text().includes('done'));
  const third = await raw(url, whole);
  await third.closed;
  expect(third.text()).toBe('');
  first.socket.end();
  await first.closed;
  await until(async () => {
    const next = await raw(url, whole);
    await Promise.race([next.closed, until(() => next.text() !== '')]);
    return next.text().startsWith('HTTP/1.1 200');
  });
});
