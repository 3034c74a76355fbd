import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import type { Completions } from '#load/completions.ts';
import { httpConnections } from '#load/sending/http-connections.ts';
import { warm } from '#load/warm.ts';
import { reply, serve } from '#test/support/http-server.ts';
import { until } from '#test/support/until.ts';
import { fakeCompletions } from './offer.ts';

function warmUp(
  { url, address }: Pick<Awaited<ReturnType<typeof serve>>, 'url' | 'address'>,
  { requests = 50, concurrency = 5, size = 20, firstIndex = 0, onDemand = false },
  completions?: Completions,
) {
  const connections = httpConnections([address], size);
  onTestFinished(() => connections.close());
  const stop = new AbortController();
  const path = completions ? 'event' : 'rpc';
  const result = warm(
    { path, url, connections: size, requests, concurrency, onDemand },
    { clock: systemClock, connections, completions },
    stop.signal,
    firstIndex,
  );
  return { result, stop };
}

describe('warm', () => {
  test('sends w0, w1, …, so many at a time, over every connection', async () => {
    const asked: string[] = [];
    const used = new Set();
    let inFlight = 0;
    let most = 0;
    const server = await serve(({ id, response }) => {
      asked.push(id);
      used.add(response.socket);
      most = Math.max(most, ++inFlight);
      setImmediate(() => {
        inFlight -= 1;
        reply(response, 200);
      });
    });
    expect(await warmUp(server, {}).result).toEqual({
      report: 'warm',
      requests: 50,
      unfinished: 0,
      firstErrors: {},
    });
    expect(asked.sort()).toEqual(Array.from({ length: 50 }, (_, i) => `w${i}`).sort());
    expect(used.size).toBe(20);
    expect(most).toBeLessThanOrEqual(5);
  });

  test('counts requests with an unknown outcome; a refusal is an outcome', async () => {
    const server = await serve(({ id, response }) => {
      if (id.endsWith('3')) response.socket!.destroy();
      else reply(response, id.endsWith('4') ? 503 : 200);
    });
    expect(await warmUp(server, {}).result).toMatchObject({ requests: 50, unfinished: 5 });
  });

  test('waits for the completions of events', async () => {
    const { completions, say } = fakeCompletions();
    const held: string[] = [];
    const server = await serve(({ id, response }) => {
      reply(response, 202, { seq: 1, duplicate: false });
      held.push(id);
      if (held.length === 5)
        for (const one of held.splice(0)) setImmediate(say, { id: one, outcome: 'ok', attempts: 1 });
    });
    expect(await warmUp(server, {}, completions).result).toMatchObject({ unfinished: 0 });
  });

  test('ends when it is stopped; requests without an answer are unfinished', async () => {
    let asked = 0;
    const server = await serve(() => {
      if (++asked === 5) stop.abort();
    });
    const { result, stop } = warmUp(server, {});
    expect(await result).toMatchObject({ report: 'warm', requests: 50, unfinished: 50 });
    await until(() => server.connects >= 20 && server.sockets.size <= 15);
    // Stopping closes only the five connections that wait for an answer. No further request is sent.
    expect([asked, server.connects, server.sockets.size]).toEqual([5, 20, 15]);
  });
});

describe('warm, on demand', () => {
  test('opens no more connections than it needs', async () => {
    const server = await serve(({ response }) => void setImmediate(reply, response, 200));
    const { result } = warmUp(server, { requests: 100, concurrency: 4, size: 200, onDemand: true });
    expect(await result).toMatchObject({ requests: 100, unfinished: 0 });
    expect(server.connects).toBeLessThanOrEqual(4);
  });
});
