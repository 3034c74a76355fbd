import { expect, test } from 'vitest';
import { GatewayConfig } from '#gateway/config.ts';
import { sharedBy } from '#gateway/requests.ts';
import { Metrics } from '#kit/metrics.ts';
import { parser } from '#kit/schema/parser.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { policyMetrics } from '#policies/policy-metrics.ts';

const breaker = { breaker: { window: { kind: 'count', size: 1 }, failures: 1, openMs: 1000 } };

/** Sends requests whose calls all fail. Resolves with the number of calls that the policies let through. */
async function getThrough(clients: number, requests: number) {
  let sent = 0;
  const metrics = new Metrics();
  const send = async () => {
    sent += 1;
    throw new Error('failed');
  };
  const config = parser(GatewayConfig)({ seed: 3, policies: [breaker], clients });
  const call = sharedBy(config, {
    clock: new VirtualClock(),
    send,
    show: policyMetrics(metrics),
  });
  const { signal } = new AbortController();
  for (let index = 0; index < requests; index++)
    await call({ id: `r${index}`, body: '{}', attempts: 0 }, signal).catch(() => undefined);
  return { sent, text: await metrics.text() };
}

test.each([1, 7, 40])('sharedBy: each of %i clients has a breaker of its own', async (clients) => {
  expect((await getThrough(clients, 1000)).sent).toBe(clients);
});

test('sharedBy: each of 5 clients has slots of its own', async () => {
  const clock = new VirtualClock();
  const config = parser(GatewayConfig)({ policies: [{ bulkhead: { concurrency: 2 } }], clients: 5 });
  let sent = 0;
  const send = () => {
    sent += 1;
    return new Promise<string>(() => {});
  };
  const parts = { clock, send, show: policyMetrics(new Metrics()) };
  const { signal } = new AbortController();
  const call = sharedBy(config, parts);
  for (let index = 0; index < 100; index++)
    call({ id: `r${index}`, body: '{}', attempts: 0 }, signal).catch(() => undefined);
  await clock.advance(0);
  expect(sent).toBe(10);
});
