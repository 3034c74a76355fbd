import { expect, test } from 'vitest';
import { engines } from '#lab/engine/engines.ts';
import type { VariantResult } from '#lab/result.ts';
import { runText } from '#test/support/run-text.ts';

const local = engines.local({ urls: {}, ownConsumer: false });

/** Runs 200 requests a second for so long on both paths; what must hold of each: valid, all faults taken and mended, balanced, nothing lost. */
async function runWith(forMs: number, faults: readonly string[]): Promise<[VariantResult, VariantResult]> {
  const text = `
title: Harm on the way
seed: 3
deadlineMs: 1000
drainMs: 20000
connections: 1000
warmup: { requests: 100, concurrency: 50 }
load: [{ arrivals: { kind: constant, ratePerSecond: 200, forMs: ${forMs} } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants:
  rpc: { path: rpc, policies: [{ timeout: { ms: 200 } }] }
  event: { path: event, policies: [{ timeout: { ms: 200 } }], consumer: { concurrency: 64, ackWaitMs: 2000, redelivery: { maxRetries: 20 } } }
faults:
${faults.map((fault, index) => `  - { name: f${index}, ${fault} }\n`).join('')}
validity: { lagP99Ms: 1000, sleepExcessP99Ms: 1000, faultDelayMs: 60000, reason: counts are compared here and no times }
`;
  const result = await runText(text, (folder, signal, experiment) => local.start(folder, signal, experiment));
  expect(result.errors).toEqual([]);
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  for (const { ledger, faults, lost, offered } of result.variants) {
    expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect([offered, lost]).toEqual([forMs / 5, 0]);
    expect(faults?.filter(({ took, asked }) => !took || took.fromMs < asked.fromMs)).toEqual([]);
  }
  return result.variants as [VariantResult, VariantResult];
}

const during = ({ windows }: VariantResult, name: string) =>
  windows!.find((window) => window.name === `during ${name}`)!;

test('all that can happen between a caller and downstream takes, ends, and is accounted for', async () => {
  const [rpc, event] = await runWith(
    4800,
    [
      'kind: latency, latencyMs: 50, jitterMs: 5',
      'kind: bandwidth, kilobytesPerSecond: 1',
      'kind: slicer, averageBytes: 20, delayUs: 5000',
      'kind: slow-close, delayMs: 50',
      'kind: blackhole',
      'kind: reset, toxicity: 0.5',
      'kind: limit-data, bytes: 2000',
      'kind: down',
    ].flatMap((fault, index) =>
      ['gateway', 'consumer'].map(
        (caller) =>
          `atMs: ${200 + index * 500}, forMs: 300, target: ${caller}->downstream, fault: { ${fault} }`,
      ),
    ),
  );
  // There and back, for those that were due and done while it lasted.
  expect(during(rpc, 'f0').latency!.p50Ms).toBeGreaterThan(100);
  expect(rpc.outcomes.timeout).toBeGreaterThan(20);
  expect(rpc.outcomes.failed).toBeGreaterThan(20);
  // Redelivery makes good whatever the network did.
  expect(event.outcomes.ok + event.outcomes.late).toBe(event.offered);
});
