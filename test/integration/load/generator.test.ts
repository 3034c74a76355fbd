import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Generator } from '#load/generator.ts';
import type { Report } from '#load/protocol.ts';
import { reply, serve } from '#test/support/http-server.ts';
import { serveTls } from '#test/support/https-server.ts';
import { until } from '#test/support/until.ts';
import { fakeCompletions } from './offer.ts';

function generator(completions = fakeCompletions()) {
  const reports: Report[] = [];
  const opened: string[] = [];
  const generator = new Generator({
    report: (report) => reports.push(report),
    openCompletions: async (url) => {
      opened.push(url);
      return completions.completions;
    },
  });
  onTestFinished(() => generator.close());
  const handle = (command: object) => generator.handle(JSON.stringify(command));
  return { generator, handle, reports, opened };
}

const warm = (url: string) => ({ do: 'warm', path: 'rpc', url, connections: 5, requests: 5, concurrency: 5 });
const run = (url: string) => ({
  do: 'run',
  path: 'rpc',
  url,
  connections: 5,
  seed: 1,
  deadlineMs: 60_000,
  drainMs: 60_000,
  recordFile: '/dev/null',
  classes: {},
  load: [{ arrivals: { kind: 'constant', ratePerSecond: 100, forMs: 50 } }],
});

const warmed = { report: 'warm', requests: 5, unfinished: 0, firstErrors: {} };
const failed = (message: string) => ({
  report: 'error',
  name: 'generator-error',
  message: expect.stringContaining(message),
});
const answering = () => serve(({ response }) => reply(response, 200));

describe('Generator', () => {
  test('carries out one command after another over the same connections', async () => {
    const server = await answering();
    const { handle, reports } = generator();
    await handle(warm(server.url));
    await handle(run(server.url));
    expect(reports).toEqual([
      warmed,
      expect.objectContaining({ report: 'started' }),
      expect.objectContaining({ report: 'ended', offered: 5, outcomes: { ok: 5 } }),
    ]);
    expect(server.connects).toBe(5);
  });

  test('listens to a broker for events only, with one connection', async () => {
    const completions = fakeCompletions();
    const server = await serve(({ id, path, response }) => {
      if (path === '/events') completions.say({ id, outcome: 'ok', attempts: 1 });
      reply(response, path === '/events' ? 202 : 200);
    });
    const { handle, opened, reports } = generator(completions);
    await handle(warm(server.url));
    expect(opened).toEqual([]);
    for (const _ of [1, 2])
      await handle({ ...warm(server.url), path: 'event', natsUrl: 'nats://127.0.0.1:1' });
    expect(opened).toEqual(['nats://127.0.0.1:1']);
    expect(reports.at(-1)).toEqual(warmed);
  });
});

describe('Generator, in trouble', () => {
  test('reports why a command failed, and takes the next', async () => {
    const server = await answering();
    const { handle, reports } = generator();
    await handle({ ...run(server.url), recordFile: '/nowhere/x.csv' });
    await handle(warm(server.url));
    expect(reports).toEqual([failed('cannot write the record /nowhere/x.csv: ENOENT'), warmed]);
  });
});

describe('Generator, with the request of an experiment', () => {
  const secret = 'hunter/2';
  const request = {
    method: 'PUT',
    path: '/orders/{id}',
    headers: { authorization: 'Bearer {env:SPILLWAY_TEST_TOKEN}' },
    success: [201],
  };
  const withToken = () => {
    vi.stubEnv('SPILLWAY_TEST_TOKEN', secret);
    onTestFinished(() => void vi.unstubAllEnvs());
  };

  test('sends it, with the values of variables, and counts its statuses of success', async () => {
    withToken();
    const asked: (string | undefined)[] = [];
    const server = await serve(({ id, request: { method, url, headers }, response }) => {
      asked.push(`${method} ${url} ${headers.authorization}`);
      reply(response, id === 'r0' ? 200 : 201);
    });
    const { handle, reports } = generator();
    await handle({ ...run(server.url), connections: 10, request });
    expect(asked.sort()).toEqual([0, 1, 2, 3, 4].map((index) => `PUT /orders/r${index} Bearer ${secret}`));
    expect(reports.at(-1)).toMatchObject({ report: 'ended', outcomes: { ok: 4, failed: 1 } });
  });

  test('reports the status alone of an answer that may repeat a secret', async () => {
    withToken();
    const server = await serve(({ id, request: { headers }, response, request: { socket } }) => {
      const [, token] = headers.authorization!.split(' ');
      if (id === 'r0') socket.end(`not HTTP: ${token}\r\n`);
      else reply(response, 401, { error: `no ${token}` });
    });
    const { handle, reports } = generator();
    await handle({ ...run(server.url), connections: 10, request });
    expect(reports.at(-1)).toMatchObject({ report: 'ended', outcomes: { unknown: 1, failed: 4 } });
    const text = JSON.stringify(reports);
    expect(text).toContain('"401"');
    expect(text).not.toMatch(/hunter/);
  });

  test('verifies a certificate unless it is insecure, and does not share connections of both', async () => {
    const { url, sockets } = await serveTls((_, response) => response.writeHead(200).end());
    const { handle, reports } = generator();
    await handle({ ...warm(url), onDemand: true });
    await handle({ ...warm(url), request: { method: 'POST', headers: {}, insecure: true }, onDemand: true });
    await handle({ ...warm(url), onDemand: true });
    const untrusted = {
      firstErrors: { failed: [{ reason: expect.stringMatching(/^self-signed certificate/) }] },
    };
    expect(reports).toMatchObject([untrusted, warmed, untrusted]);
    expect(sockets.length).toBeGreaterThan(0);
  });
});

describe('Generator, under way', () => {
  const endless = (url: string) => ({
    ...run(url),
    load: [{ arrivals: { kind: 'constant', ratePerSecond: 100, forMs: 3_600_000 } }],
  });

  test('refuses a second command', async () => {
    const server = await answering();
    const { handle, reports, generator: it } = generator();
    const first = handle(endless(server.url));
    await handle(warm(server.url));
    expect(reports).toEqual([failed('warm: expected no other command under way')]);
    await it.close();
    await first;
  });

  test('stop ends the command, and the next command works', async () => {
    const server = await answering();
    const { handle, reports } = generator();
    const first = handle(endless(server.url));
    await until(() => reports.some(({ report }) => report === 'progress'));
    await handle({ do: 'stop' });
    await first;
    expect(reports.at(-1)).toMatchObject({ report: 'ended', planned: 360_000 });
    await handle(warm(server.url));
    expect(reports.at(-1)).toEqual(warmed);
  });

  test('close ends the command and closes every connection', async () => {
    const server = await serve(() => {});
    const { handle, reports, generator: it } = generator();
    const first = handle(endless(server.url));
    await until(() => reports.some(({ report }) => report === 'progress'));
    await it.close();
    await first;
    expect(reports.at(-1)).toMatchObject({ report: 'ended' });
    await until(() => server.sockets.size === 0);
  });
});
