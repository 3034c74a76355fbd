import { describe, expect, test } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { steady } from '#load/steady/steady.ts';
import { reply, serve } from '#test/support/http-server.ts';
import { hold } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';
import { fakeCompletions } from '../offer.ts';

const constant = { kind: 'constant', ratePerSecond: 500, forMs: 100 };
const phases = [{ name: 'only', arrivals: constant }];

/** Starts a steady load on a server, which by default answers both paths with success. */
async function offer(initial: object = { phases }, answers: { rpc?: number; event?: number } = {}) {
  const { completions, say, listeners } = fakeCompletions();
  const ids: string[] = [];
  const server = await serve(({ id, path, response }) => {
    ids.push(id);
    const status = path === '/rpc' ? (answers.rpc ?? 200) : (answers.event ?? 202);
    reply(response, status);
    if (status === 202) response.on('finish', () => say({ id, outcome: 'ok', attempts: 1 }));
  });
  const targets = { rpc: server.url, event: server.url };
  const service = await steady({ metrics: new Metrics(), initial, targets, completions });
  return { ...hold(service), service, ids, completions, listeners, server };
}

describe('steady', () => {
  test('offers round after round to both paths, and is ready once each has succeeded', async () => {
    const { service, metric, ids } = await offer();
    await until(() => service.unready() === undefined);
    const ok = (path: string) => metric(`spillway_load_requests_total{path="${path}",outcome="ok"}`);
    // Waits for more requests than two rounds of the phases have.
    await until(async () => (await ok('rpc')) > 100 && (await ok('event')) > 100);
    expect(await service.metrics.text(['spillway_load_latency_seconds'])).toMatch(
      /_count\{path="event"\} \d{3}/,
    );
    expect(await metric('spillway_load_deadline_seconds')).toBe(2);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is not ready while a path has not succeeded, and says which', async () => {
    const { service, metric } = await offer({ phases }, { rpc: 503 });
    await until(async () => (await metric('spillway_load_requests_total{path="event",outcome="ok"}')) > 0);
    await until(
      async () => (await metric('spillway_load_requests_total{path="rpc",outcome="rejected"}')) > 0,
    );
    expect(service.unready()).toBe('no recent request has succeeded on the path rpc');
  });
});

describe('steady, in time', () => {
  test('repeats no id after a new configuration, and forgets no count', async () => {
    const { metric, ids, put } = await offer();
    await until(() => ids.length > 20);
    const before = await metric('spillway_load_offered_total{path="rpc"}');
    await put({ phases });
    await until(async () => (await metric('spillway_load_offered_total{path="rpc"}')) > before + 20);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('stops: waits for sent requests, and closes its port', async () => {
    const { ids, listeners, service, stopService, metric, server } = await offer();
    await until(() => ids.length > 20);
    await stopService();
    expect(listeners.size).toBe(0);
    const text = await service.metrics.text(['spillway_load_requests_total']);
    const ended = Array.from(text.matchAll(/\{path="rpc",.*\} (\d+)$/gm), ([, count]) => Number(count));
    expect(ended.reduce((sum, count) => sum + count, 0)).toBe(
      await metric('spillway_load_offered_total{path="rpc"}'),
    );
    await until(() => server.sockets.size === 0);
  });

  const overlapping = { kind: 'bursts', total: 9, size: 3, everyMs: 1, spreadMs: 2 };

  test.each([
    [
      'no requests',
      [{ arrivals: { ...constant, ratePerSecond: 0 } }],
      '/phases: expected at least one request',
    ],
    ['contradictions', [{ arrivals: overlapping }], '/phases/0/arrivals/spreadMs'],
  ])('refuses %s, at the start and later', async (_, wrong, message) => {
    const { put } = await offer();
    const answer = await put({ phases: wrong });
    expect(answer.statusCode).toBe(400);
    expect(JSON.stringify(answer.json())).toContain(message.split(': ')[0]);
    await expect(offer({ phases: wrong })).rejects.toThrow(InvalidError);
    await expect(offer({ phases: wrong })).rejects.toThrow(message);
  });
});
