import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { Clock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Control } from '#lab/world/control.ts';
import { listening } from '#test/support/listening.ts';

/** Starts a control port that answers with `answer`, and a `Control` of it. */
async function answering(answer: RequestListener, clock?: Clock) {
  const server = createServer(answer);
  const url = `http://127.0.0.1:${await listening(server)}`;
  const control = new Control('downstream', url, undefined, clock);
  onTestFinished(() => control.close());
  return { control, server };
}

/** Starts a control port that never answers a request completely: it sends only the answer's head, or nothing. */
async function mute(head: boolean) {
  const clock = new VirtualClock();
  const { control, server } = await answering((_request, response) => {
    if (head) response.writeHead(200, { 'content-length': 10 }).write('{');
  }, clock);
  return { clock, control, asked: once(server, 'request') };
}

test.each([
  ['nothing', false],
  ['only the head of an answer', true],
])('Control.configure gives a service that sends %s a minute, and no less', async (_sentence, head) => {
  const { clock, control, asked } = await mute(head);
  const outcome = control.configure({}).catch((error) => error);
  await asked;
  await clock.advance(59_999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await outcome).toMatchObject({
    name: 'downstream-unreachable',
    message: 'downstream does not answer PUT /config: not within 60 s',
  });
  expect(clock.pending).toBe(0);
});

test('Control.scrape gives up when its own patience is over', async () => {
  const { clock, control, asked } = await mute(false);
  const outcome = control.scrape([], 200).catch((error) => error);
  await asked;
  await clock.advance(200);
  expect(await outcome).toMatchObject({
    message: 'downstream does not answer GET /metrics: not within 0.2 s',
  });
});

test.each<[string, (response: ServerResponse) => void, object]>([
  [
    'of an answer that breaks off',
    (response) => response.writeHead(200, { 'content-length': 10 }).write('{', () => response.destroy()),
    { name: 'downstream-unreachable', message: 'downstream does not answer GET /effects: other side closed' },
  ],
  [
    'of an answer that is a refusal',
    (response) => response.writeHead(500).end('no'),
    { name: 'downstream-refused', message: 'downstream refused GET /effects: no' },
  ],
])('Control.stream names the sender of %s', async (_sentence, answer, error) => {
  const { control } = await answering((_request, response) => answer(response));
  await expect(text(control.stream('/effects'))).rejects.toMatchObject(error);
});

test.each(['<html>', 'null', '[]'])(
  'Control asks whether it is at the right port where %s answers',
  async (body) => {
    const { control } = await answering((_request, response) => response.end(body));
    await expect(control.config()).rejects.toMatchObject({
      name: 'downstream-strange',
      message: `downstream answers GET /config with ${body}: is that a control port of Spillway's?`,
    });
    const away = await answering((_request, response) => response.writeHead(502).end(body));
    await expect(away.control.unready()).rejects.toMatchObject({ name: 'downstream-strange' });
  },
);

test('Control.sent counts the calls that may have changed something, and none that was refused', async () => {
  const { control } = await answering(
    ({ url }, response) => void response.writeHead(url === '/faults/a' ? 204 : 404).end(),
  );
  await control.request('PUT', '/faults/a', {});
  await expect(control.request('DELETE', '/faults/b')).rejects.toThrow('refused');
  expect([...control.sent]).toEqual([['faults', 1]]);
});

/** Serves a configuration at 127.0.0.2. A lookup leads there only after `refusals` lookups of another address. */
async function replaced(refusals: number) {
  const server = createServer((_request, response) => response.end('{"a":1}'));
  await once(server.listen(0, '127.0.0.2'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  let lookups = 0;
  const lookup: LookupFunction = (_hostname, _options, callback) =>
    callback(null, [{ address: ++lookups > refusals ? '127.0.0.2' : '127.0.0.1', family: 4 }]);
  const control = new Control('gateway-1', `http://gateway:${port}`, undefined, undefined, lookup);
  onTestFinished(() => control.close());
  return control;
}

test('Control repeats a read while a replica behind a name is replaced', async () => {
  expect(await (await replaced(2)).config()).toEqual({ a: 1 });
});

test('Control does not repeat a change', async () => {
  const control = await replaced(2);
  await expect(control.configure({})).rejects.toMatchObject({ name: 'gateway-1-unreachable' });
});
