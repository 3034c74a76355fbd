import { expect, test } from 'vitest';
import type { Variant } from '#lab/experiment/schema.ts';
import { policyResults } from '#lab/judge/figures/policy-results.ts';

const counted = (position: number, policy: string, action: string, times: number) =>
  [
    `spillway_policy_actions_total{position="${position}",policy="${policy}",action="${action}"}`,
    times,
  ] as const;
const finagle = { kind: 'finagle', ttlMs: 10_000, ratio: 0.1, minPerSecond: 10 };
const specs = (...policies: object[]) => policies as unknown as Variant['policies'];

test('policyResults distinguishes two policies of the same kind', () => {
  const policies = specs({ timeout: { ms: 100 } }, { bulkhead: { concurrency: 1 } }, { timeout: { ms: 5 } });
  const samples = new Map([
    counted(0, 'timeout', 'timed-out', 1),
    counted(1, 'bulkhead', 'queued', 7),
    counted(2, 'timeout', 'timed-out', 12),
  ]);
  expect(policyResults(policies, samples).map(({ acted }) => acted)).toEqual([
    { 'timed-out': 1 },
    { queued: 7, refused: 0 },
    { 'timed-out': 12 },
  ]);
});

test.each([
  ['finagle leaves free', finagle, 5, /minPerSecond of 10 allows 100 retries in 10\ss/],
  ['grpc has tokens left', { kind: 'grpc', maxTokens: 10, tokenRatio: 0.1 }, 5, /half of its 10 tokens/],
  [
    'aws pays for',
    { kind: 'aws', capacity: 500, retryCost: 5, timeoutRetryCost: 10 },
    5,
    /capacity of 500 pays for 100 retries, or 50 after timeouts/,
  ],
  ['nothing asked for', finagle, 0, /^$/],
  ['finagle that leaves none free did not have to refuse', { ...finagle, minPerSecond: 0 }, 5, /^$/],
])('policyResults says why a budget never refused: the retries that %s', (_what, budget, retried, note) => {
  const samples = new Map([counted(0, 'retry', 'retried', retried)]);
  const [result] = policyResults(specs({ retry: { budget } }), samples);
  expect(result?.note).toMatch(note);
});

test('policyResults gives no reason for a budget that refused', () => {
  const samples = new Map([counted(0, 'retry', 'retried', 9), counted(0, 'retry', 'refused', 2)]);
  const [result] = policyResults(specs({ retry: { budget: finagle } }), samples);
  expect(result).toMatchObject({ acted: { refused: 2 }, note: '' });
});
