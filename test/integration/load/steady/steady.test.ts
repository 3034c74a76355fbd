import { describe, expect, test } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { steady } from '#load/steady/steady.ts';
import { reply, serve } from '#test/support/http-server.ts';
import { hold, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';
import { fakeCompletions } from '../offer.ts';

// So few a second that a busy machine sends each; a round has 50.
const constant = { kind: 'constant', ratePerSecond: 100, forMs: 500 };
/** Labels of the lanes. */
const [calls, events] = ['path="rpc",lane="calls"', 'path="event",lane="events"'];
const phases = [{ name: 'only', arrivals: constant }];

interface Answers {
  rpc?: number;
  event?: number;
  readonly isEmpty?: () => Promise<boolean>;
}

/** Starts a steady load in two lanes on a server, which by default answers both paths with success. */
async function offer(initial: object = { phases }, answers: Answers = {}) {
  const { completions, say, listeners } = fakeCompletions();
  const ids = { '/rpc': [] as string[], '/events': [] as string[] };
  const server = await serve(({ id, path, response }) => {
    ids[path as keyof typeof ids].push(id);
    const status = path === '/rpc' ? (answers.rpc ?? 200) : (answers.event ?? 202);
    reply(response, status);
    if (status === 202) response.on('finish', () => say({ id, outcome: 'ok', attempts: 1 }));
  });
  const calls: string[] = [];
  let backlog = 2;
  const service = await steady({
    ...{ metrics: new Metrics(), log: silent, completions },
    initial: { deadlineMs: 600_000, ...initial }, // none is late
    lanes: [
      { name: 'calls', path: 'rpc', url: server.url, faults: 'http://a' },
      { name: 'events', path: 'event', url: server.url, faults: 'http://b' },
    ],
    changeFault: async (url, name, injected) =>
      void calls.push(`${url} ${name} ${injected ? JSON.stringify(injected) : 'cleared'}`),
    isEmpty: answers.isEmpty ?? (async () => backlog-- <= 0),
    purge: async (isOwn) => void calls.push(`purge ${isOwn(ids['/events'][0]!)} ${isOwn('r0')}`),
    close: async () => undefined,
  });
  return { ...hold(service), service, ids, calls, completions, listeners, server };
}

describe('steady', () => {
  test('offers round after round to all lanes with the same ids, and is ready once each has succeeded', async () => {
    const { service, metric, ids } = await offer();
    await until(() => service.unready() === undefined);
    const ok = (labels: string) => metric(`spillway_load_requests_total{${labels},outcome="ok"}`);
    // Waits for more requests than two rounds of the phases have.
    await until(async () => (await ok(calls)) > 100 && (await ok(events)) > 100);
    expect(await service.metrics.text(['spillway_load_latency_seconds'])).toMatch(
      /_count\{path="event",lane="events"\} \d{3}/,
    );
    expect(await metric('spillway_load_deadline_seconds')).toBe(600);
    expect(new Set(ids['/rpc']).size).toBe(ids['/rpc'].length);
    // A machine that stands still sends less in one lane than in the other.
    expect(ids['/events'].some((id) => ids['/rpc'].includes(id))).toBe(true);
  });

  test('is not ready while a lane has not succeeded, and says which', async () => {
    const answers = { rpc: 503 };
    const { service, metric } = await offer({ phases }, answers);
    await until(async () => (await metric(`spillway_load_requests_total{${events},outcome="ok"}`)) > 0);
    await until(async () => (await metric(`spillway_load_requests_total{${calls},outcome="rejected"}`)) > 0);
    expect(service.unready()).toBe('no request has succeeded yet in calls');
    answers.rpc = 200;
    await until(() => service.unready() === undefined);
  });

  test('injects its faults into every lane in each round, with its own ids, and then deletes its dead letters', async () => {
    const fault = { kind: 'poison', ids: ['r0', 'r7'] };
    const faults = [{ name: 'bad', atMs: 10, forMs: 50, fault }];
    const { calls, ids, stopService } = await offer({ phases, faults });
    await until(() => calls.filter((call) => call.startsWith('http')).length >= 4);
    const named = (index: number) => ids['/events'].find((id) => id.endsWith(`-${index}`));
    const poison = (first: number) => ({ kind: 'poison', ids: [named(first), named(first + 7)] });
    const injected = (url: string, first: number) =>
      `${url} bad ${JSON.stringify({ leaseMs: 50, fault: poison(first) })}`;
    await until(() => calls.includes('purge true false'));
    await until(() => named(57) !== undefined);
    for (const url of ['http://a', 'http://b'])
      for (const first of [0, 50]) expect(calls).toContain(injected(url, first));
    await stopService();
    expect(calls.slice(-3)).toEqual(['http://a bad cleared', 'http://b bad cleared', 'purge true false']);
  });

  test('is paused when nothing of the load is left, and offers no request until it goes on', async () => {
    const { metric, put, calls: acts } = await offer();
    const offered = () => metric(`spillway_load_offered_total{${calls}}`);
    const phase = () => metric('spillway_load_phase{phase="only"}');
    await until(async () => (await offered()) > 10);
    expect((await put({ phases, paused: true })).statusCode).toBe(200);
    expect(acts.filter((act) => act.startsWith('purge'))).toHaveLength(2); // also after the backlog
    const before = await offered();
    await put({ phases, paused: true });
    expect([await offered(), await phase()]).toEqual([before, 0]);
    await put({ phases });
    await until(async () => (await offered()) > before && (await phase()) === 1);
  });

  test('goes on if it can not be paused', async () => {
    const { metric, put } = await offer(
      { phases },
      { isEmpty: () => Promise.reject(new Error('no broker')) },
    );
    expect((await put({ phases, paused: true })).json()).toMatchObject({ status: 500, detail: 'no broker' });
    const before = await metric(`spillway_load_offered_total{${calls}}`);
    await until(async () => (await metric(`spillway_load_offered_total{${calls}}`)) > before);
  });
});

describe('steady, in time', () => {
  test('repeats no id after a new configuration, and forgets no count', async () => {
    const { metric, ids, put } = await offer();
    await until(() => ids['/rpc'].length > 20);
    const before = await metric(`spillway_load_offered_total{${calls}}`);
    await put({ phases });
    await until(async () => (await metric(`spillway_load_offered_total{${calls}}`)) > before + 20);
    expect(new Set(ids['/rpc']).size).toBe(ids['/rpc'].length);
  });

  test('stops: waits for sent requests, and closes its port', async () => {
    const { ids, listeners, service, stopService, metric, server } = await offer();
    await until(() => ids['/rpc'].length > 20);
    await stopService();
    expect(listeners.size).toBe(0);
    const text = await service.metrics.text(['spillway_load_requests_total']);
    const ended = Array.from(text.matchAll(/\{path="rpc",.*\} (\d+)$/gm), ([, count]) => Number(count));
    expect(ended.reduce((sum, count) => sum + count, 0)).toBe(
      await metric(`spillway_load_offered_total{${calls}}`),
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
