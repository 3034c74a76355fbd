import { describe, expect, test } from 'vitest';
import { reply, serve } from '#test/support/http-server.ts';
import { until } from '#test/support/until.ts';
import { fakeCompletions, offer } from './offer.ts';

const accepted = { seq: 1, duplicate: false };

describe('run on the event path', () => {
  test('posts to /events; an accepted event is ok once its completion arrives', async () => {
    const { completions, say } = fakeCompletions();
    const paths = new Set<string>();
    const server = await serve(({ id, path, response }) => {
      paths.add(path);
      reply(response, 202, accepted);
      response.on('finish', () => say({ id, outcome: 'ok', attempts: 3 }));
    });
    const { summary, lines } = offer(server, {}, completions);
    expect(await summary).toMatchObject({
      outcomes: { ok: 20 },
      accepted: 20,
      duplicates: 0,
    });
    expect([...paths]).toEqual(['/events']);
    for (const [, , , latencyMs, ...rest] of lines()) {
      expect(rest).toEqual(['ok', '202', '3']);
      expect(Number(latencyMs)).toBeGreaterThan(0);
    }
  });
});

describe('run on the event path, at the end', () => {
  test('the drain waits for completions, not for answers alone', async () => {
    const { completions, say } = fakeCompletions();
    const server = await serve(({ response }) => reply(response, 202, accepted));
    const { summary, reports } = offer(server, { drainMs: 3_600_000 }, completions);
    await until(() => {
      const last = reports.findLast(({ report }) => report === 'progress');
      return last?.report === 'progress' && last.outcomes.pending === 20;
    });
    for (let i = 0; i < 20; i++) say({ id: `r${i}`, outcome: 'ok', attempts: 1 });
    expect((await summary).outcomes).toEqual({ ok: 20 });
  });
});
