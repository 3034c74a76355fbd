import { expect, test } from 'vitest';
import type { faultKinds } from '#downstream/faults/config.ts';
import { startLocal } from '#lab/engine/local.ts';
import { folders } from '#test/support/folders.ts';
import { runText } from '#test/support/run-text.ts';
import { hasFailed, isSlow, type Sign, withoutSign } from '#test/support/seen.ts';

const newFolder = folders();

const text = `
title: All that downstream can do wrong
seed: 3
deadlineMs: 1000
drainMs: 6000
connections: 1500
warmup: { requests: 100, concurrency: 50 }
load: [{ arrivals: { kind: constant, ratePerSecond: 200, forMs: 7500 } }]
downstream: { model: { kind: congestion, capacityRps: 10000, failureRatio: 0 } }
variants:
  rpc: { path: rpc, policies: [{ timeout: { ms: 1000 } }] }
  event: { path: event, policies: [{ timeout: { ms: 200 } }], consumer: { concurrency: 64, redelivery: { maxRetries: 8, backoff: { kind: constant, delayMs: 400 } } } }
faults:
  - { name: latency, atMs: 0, forMs: 400, target: downstream, fault: { kind: latency, added: { kind: fixed, ms: 300 } } }
  - { name: failure, atMs: 400, forMs: 600, target: downstream, fault: { kind: failure, status: 503, ratio: 0.5 } }
  - { name: slow-errors, atMs: 400, forMs: 600, target: downstream, fault: { kind: slow-errors, ms: 300 } }
  - { name: poison, atMs: 0, forMs: 11000, target: downstream, fault: { kind: poison, ids: [r600] } }
  - { name: brownout, atMs: 1200, forMs: 400, target: downstream, fault: { kind: brownout, capacityFactor: 0.002 } }
  - { name: slow-body, atMs: 1700, forMs: 600, target: downstream, fault: { kind: slow-body, ms: 150, ratio: 0.5 } }
  - { name: malformed, atMs: 2400, forMs: 400, target: downstream, fault: { kind: malformed, ratio: 0.5 } }
  - { name: truncated, atMs: 3000, forMs: 400, target: downstream, fault: { kind: truncated, ratio: 0.5 } }
  - { name: reset, atMs: 3600, forMs: 400, target: downstream, fault: { kind: reset, ratio: 0.5 } }
  - { name: hang, atMs: 4200, forMs: 1800, target: downstream, fault: { kind: hang, ratio: 0.5 } }
validity: { lagP99Ms: 1000, stallMs: 1000, sleepExcessP99Ms: 1000, faultDelayMs: 60000, reason: counts are compared here and no times }
`;

/** Where nothing fails by itself, or takes more than 14 ms. */
const signs = {
  latency: isSlow,
  failure: hasFailed,
  'slow-errors': isSlow,
  brownout: hasFailed,
  'slow-body': isSlow,
  malformed: hasFailed,
  truncated: hasFailed,
  reset: hasFailed,
  hang: hasFailed,
} satisfies Record<Exclude<keyof typeof faultKinds, 'poison' | 'freeze'>, Sign>;

test('whatever downstream does wrong takes, ends, and is accounted for on both paths', async () => {
  const folder = newFolder();
  const result = await runText(text, (logFolder) => startLocal({ logFolder }), { folder });
  expect(result.errors).toEqual([]);
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  for (const { ledger, faults, lost, offered } of result.variants) {
    expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect([offered, lost]).toEqual([1500, 0]);
    // Timers round to ms.
    expect(faults?.filter(({ took, asked }) => !took || took.fromMs <= asked.fromMs - 1)).toEqual([]);
  }
  const [rpc, event] = result.variants;
  // Without retries every harm is one to a caller.
  expect(await withoutSign(folder, rpc!, signs)).toEqual([]);
  // Redelivery makes good all that is not poisoned.
  expect(event!.outcomes.dead).toBe(1);
  expect(event!.outcomes.ok + event!.outcomes.late).toBe(1499);
  // Work was done whose answer was lost or came too late, and done again.
  expect(event!.attemptTimeouts).toBeGreaterThan(0);
  expect(event!.attempts).toBeGreaterThan(1520);
});
