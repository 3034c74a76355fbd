import { describe, expect, test } from 'vitest';
import type { Counts } from '#load/protocol.ts';
import { reply, serve } from '#test/support/http-server.ts';
import { until } from '#test/support/until.ts';
import { offer } from './offer.ts';

const sum = ({ outcomes }: Counts) => Object.values(outcomes).reduce((total, count) => total + count, 0);

describe('run', () => {
  test('every request that is answered within the deadline is ok', async () => {
    const server = await serve(({ response }) => reply(response, 200, {}, 2));
    const { summary, lines } = offer(server);
    expect(await summary).toMatchObject({
      planned: 20,
      offered: 20,
      inFlight: 0,
      outcomes: { ok: 20 },
    });
    expect(lines()).toEqual(
      Array.from({ length: 20 }, (_, i) => [`${i}`, `${i}.000`, ms, ms, 'ok', '200', '2']),
    );
  });

  test('in a closed loop no caller has two requests open, and each is scheduled when it is sent', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve(({ response }) => void waiting.push(() => reply(response, 200)));
    // The last of 20 requests is planned long before the end of the load.
    const bursts = { kind: 'bursts', total: 20, size: 20, everyMs: 60_000, spreadMs: 20 } as const;
    const { summary, lines } = offer(server, { callers: 2, load: [{ arrivals: bursts }] });
    for (let answered = 0; answered < 20; answered++) {
      await until(() => waiting.length === Math.min(20, answered + 2));
      waiting[answered]!();
    }
    expect(await summary).toMatchObject({ planned: 20, offered: 20, outcomes: { ok: 20 } });
    // Sorted, since the first two may arrive in either order.
    const ends = lines()
      .map(([, scheduledAtMs, , latencyMs]) => Number(scheduledAtMs) + Number(latencyMs))
      .sort((a, b) => a - b);
    for (const [index, [, scheduledAtMs]] of lines().entries())
      expect(Number(scheduledAtMs)).toBeGreaterThanOrEqual(index < 2 ? 0 : ends[index - 2]! - 0.01);
  });

  const ms = expect.stringMatching(/^\d+\.\d{3}$/);

  test('sends the requests of the plan, each with its id', async () => {
    const asked: string[] = [];
    const server = await serve(({ id, path, request, response }) => {
      asked.push(`${path} ${request.headers['x-request-id']} ${id}`);
      reply(response, 200);
    });
    await offer(server).summary;
    expect(asked.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `/rpc r${i} r${i}`).sort());
  });
});

describe('run, at the end', () => {
  test('the drain is as long as given, from the last scheduled time', async () => {
    const server = await serve(() => {});
    const { elapsedMs, outcomes } = await offer(server, { drainMs: 50 }).summary;
    expect(outcomes).toEqual({ unknown: 20 });
    expect(elapsedMs).toBeGreaterThanOrEqual(19 + 49);
  });

  test('the drain ends with the last answer', async () => {
    const server = await serve(({ response }) => reply(response, 200));
    const { elapsedMs } = await offer(server, { drainMs: 3_600_000 }).summary;
    expect(elapsedMs).toBeLessThan(60_000);
  });

  test('stop ends the run at once, with the measurements until then', async () => {
    const server = await serve(({ response }) => reply(response, 200));
    const load = [{ arrivals: { kind: 'constant' as const, ratePerSecond: 100, forMs: 3_600_000 } }];
    const { summary, stop, reports } = offer(server, { load });
    await until(() => reports.length > 0);
    stop.abort();
    const measured = await summary;
    expect(measured.planned).toBe(360_000);
    expect(measured.offered).toBeLessThan(360_000);
    expect(sum(measured)).toBe(measured.offered);
  });

  test('rejects when no server listens', async () => {
    const server = await serve(() => {});
    server.close();
    await expect(offer(server).summary).rejects.toThrow('cannot connect to');
  });

  test('rejects when the record cannot be written, without offering the rest', async () => {
    let asked = 0;
    const server = await serve(({ response }) => {
      asked += 1;
      reply(response, 200);
    });
    const load = [{ arrivals: { kind: 'constant' as const, ratePerSecond: 4000, forMs: 240_000 } }];
    const { summary } = offer(server, { load, connections: 500, recordFile: '/dev/full' });
    await expect(summary).rejects.toThrow('cannot write the record /dev/full: ENOSPC');
    expect(asked).toBeGreaterThan(0);
  });
});
