import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Control } from '#lab/testbed/control.ts';

/** A control port that takes requests and answers at most the head of an answer. */
async function mute(head: boolean) {
  const server = createServer((_request, response) => {
    if (head) response.writeHead(200, { 'content-length': 10 }).write('{');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock = new VirtualClock();
  const { port } = server.address() as AddressInfo;
  const control = new Control('gateway', `http://127.0.0.1:${port}`, undefined, clock);
  onTestFinished(async () => {
    await control.close();
    server.close();
  });
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
    name: 'gateway-unreachable',
    message: 'gateway does not answer PUT /config: not within 60 s',
  });
  expect(clock.pending).toBe(0);
});

test('Control.scrape gives up when its own patience is over', async () => {
  const { clock, control, asked } = await mute(false);
  const outcome = control.scrape([], 200).catch((error) => error);
  await asked;
  await clock.advance(200);
  expect(await outcome).toMatchObject({ message: 'gateway does not answer GET /metrics: not within 0.2 s' });
});

/** A control port that answers as `answer` does. */
async function answering(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const control = new Control('downstream', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await control.close();
    server.close();
  });
  return control;
}

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
  const control = await answering(answer);
  await expect(text(control.stream('/effects'))).rejects.toMatchObject(error);
});

test.each(['<html>', 'null', '[]'])(
  'Control asks whether it is at the right port where %s answers',
  async (body) => {
    const control = await answering((response) => response.end(body));
    await expect(control.config()).rejects.toMatchObject({
      name: 'downstream-strange',
      message: `downstream answers GET /config with ${body}: is that a control port of Spillway's?`,
    });
    const away = await answering((response) => response.writeHead(502).end(body));
    await expect(away.unready()).rejects.toMatchObject({ name: 'downstream-strange' });
  },
);

test('Control.sent counts the calls that may have changed something, and none that was refused', async () => {
  const server = createServer(
    ({ url }, response) => void response.writeHead(url === '/faults/a' ? 204 : 404).end(),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const control = new Control('downstream', `http://127.0.0.1:${port}`);
  onTestFinished(async () => {
    await control.close();
    server.close();
  });
  await control.request('PUT', '/faults/a', {});
  await expect(control.request('DELETE', '/faults/b')).rejects.toThrow('refused');
  expect([...control.sent]).toEqual([['faults', 1]]);
});
