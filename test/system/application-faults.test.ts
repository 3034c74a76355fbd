import { expect, test } from 'vitest';
import { startLocal } from '#lab/engine/local.ts';
import { runText } from '#test/support/run-text.ts';

const text = `
title: All that downstream can do wrong
seed: 3
deadlineMs: 1000
drainMs: 6000
connections: 200
warmup: { requests: 100, concurrency: 50 }
load: [{ arrivals: { kind: constant, ratePerSecond: 200, forMs: 3300 } }]
downstream: { model: { kind: congestion, capacityRps: 10000, failureRatio: 0.05 } }
variants:
  rpc: { path: rpc, policies: [{ timeout: { ms: 200 } }] }
  event: { path: event, policies: [{ timeout: { ms: 200 } }], consumer: { concurrency: 64, redelivery: { maxRetries: 8 } } }
faults:
  - { name: latency, atMs: 0, forMs: 300, target: downstream, fault: { kind: latency, added: { kind: lognormal, medianMs: 30, sigma: 1 } } }
  - { name: failure, atMs: 200, forMs: 300, target: downstream, fault: { kind: failure, status: 503, ratio: 0.5 } }
  - { name: slow-errors, atMs: 200, forMs: 300, target: downstream, fault: { kind: slow-errors, ms: 50 } }
  - { name: poison, atMs: 0, forMs: 4000, target: downstream, fault: { kind: poison, ids: [r100] } }
  - { name: brownout, atMs: 600, forMs: 200, target: downstream, fault: { kind: brownout, capacityFactor: 0.01 } }
  - { name: slow-body, atMs: 900, forMs: 200, target: downstream, fault: { kind: slow-body, ms: 50, ratio: 0.5 } }
  - { name: malformed, atMs: 1200, forMs: 200, target: downstream, fault: { kind: malformed, ratio: 0.5 } }
  - { name: truncated, atMs: 1500, forMs: 200, target: downstream, fault: { kind: truncated, ratio: 0.5 } }
  - { name: reset, atMs: 1800, forMs: 200, target: downstream, fault: { kind: reset, ratio: 0.5 } }
  - { name: hang, atMs: 2100, forMs: 300, target: downstream, fault: { kind: hang, ratio: 0.5 } }
validity: { lagP99Ms: 1000, sleepExcessP99Ms: 1000, faultDelayMs: 60000, reason: counts are compared here and no times }
`;

test('whatever downstream does wrong takes, ends, and is accounted for on both paths', async () => {
  const result = await runText(text, (logFolder) => startLocal({ logFolder }));
  expect(result.errors).toEqual([]);
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  for (const { ledger, faults, lost, offered } of result.variants) {
    expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect([offered, lost]).toEqual([660, 0]);
    // Timers round to ms.
    expect(faults?.filter(({ took, asked }) => !took || took.fromMs <= asked.fromMs - 1)).toEqual([]);
  }
  const [rpc, event] = result.variants;
  // Without retries every harm is one to a caller.
  expect(rpc!.outcomes.failed).toBeGreaterThan(20);
  expect(rpc!.outcomes.timeout).toBeGreaterThan(0);
  for (const fault of ['failure', 'malformed', 'truncated', 'reset']) {
    const { outcomes, offered } = rpc!.windows!.find(({ name }) => name === `during ${fault}`)!;
    // It strikes half of them, some of which a busy machine times out; 5 % fail by themselves.
    expect([fault, (outcomes.failed + outcomes.timeout) / offered > 0.15]).toEqual([fault, true]);
  }
  // Redelivery makes good all that is not poisoned.
  expect(event!.outcomes.dead).toBe(1);
  expect(event!.outcomes.ok + event!.outcomes.late).toBe(659);
  // Work was done whose answer was lost, and done again.
  expect(event!.attempts).toBeGreaterThan(680);
});
