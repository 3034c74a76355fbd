import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { engines } from '#lab/engine/engines.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { runText } from '#test/support/run-text.ts';
import { up } from '#test/support/up.ts';

/** A control port that answers as the one at `url` does, but for its clock; resolves with its base URL. */
async function before(url: string, clock: () => [status: number, body: object]): Promise<string> {
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '' } = request;
    const { 'content-type': type } = request.headers;
    const sent = type === undefined ? {} : { body: await text(request), headers: { 'content-type': type } };
    const forwarded = await fetch(url + path, { method, ...sent });
    const answer = await forwarded.text();
    const [status, body] =
      path === '/clock' ? [clock()[0], JSON.stringify(clock()[1])] : [forwarded.status, answer];
    response.writeHead(status).end(status === 204 ? undefined : body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('attach refuses services of another machine or an older version, and changes nothing', async () => {
  const { urls, natsCredentials, control } = await up();
  const configs = () =>
    Promise.all(Object.values(control).map(async (url) => (await fetch(`${url}/config`)).json()));
  const atFirst = await configs();
  const otherClock = () => [200, { nowMs: 1 }] as [number, object];
  const none = () => [404, { status: 404 }] as [number, object];
  const run = (changed: Record<string, string>, path: 'rpc' | 'event') => {
    const options = { urls: { ...urls, ...changed }, ownConsumer: false, natsCredentials };
    const experiment = countedExperiment({ load: constant(100, 500), variants: { it: onPath(path, 500) } });
    return runText(experiment, engines.attach(options).start);
  };
  for (const [name, path, clock, expected] of [
    ['downstream', 'rpc', otherClock, 'clock-differs'],
    ['gateway', 'rpc', otherClock, 'clock-differs'],
    ['consumer', 'event', otherClock, 'clock-differs'],
    ['publisher', 'event', none, 'publisher-outdated'],
  ] as const) {
    const url = await before(control[name], clock);
    const { status, errors } = await run({ [`${name}-control`]: url }, path);
    expect([status, errors]).toMatchObject(['error', [{ name: expected }]]);
    expect(errors[0]!.message).toContain(`${name} at ${url}`);
  }
  expect(await configs()).toEqual(atFirst);
});
