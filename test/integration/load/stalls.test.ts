import { expect, test } from 'vitest';
import { reply, serve } from '#test/support/http-server.ts';
import { offer } from './offer.ts';

test('run reports when the generator itself stalled, and that it used the CPU meanwhile', async () => {
  const before = performance.now();
  const server = await serve(({ id, response }) => {
    // The server is in the generator's process here.
    if (id === 'r10') for (const since = performance.now(); performance.now() < since + 150; );
    reply(response, 200);
  });
  const { stalled, startedAtMs } = await offer(server).summary;
  expect(stalled.complete).toBe(true);
  const longest = stalled.stalls.toSorted((a, b) => b.untilMs - b.fromMs - (a.untilMs - a.fromMs))[0]!;
  expect(longest.untilMs - longest.fromMs).toBeGreaterThanOrEqual(150);
  expect(longest.untilMs).toBeGreaterThan(startedAtMs);
  expect(longest.cpuMs).toBeGreaterThan(0);
  expect(longest.untilMs - startedAtMs).toBeLessThan(performance.now() - before);
});
