import { expect, test } from 'vitest';
import type { Variant } from '#lab/experiment/schema.ts';
import { policyResults } from '#lab/judge/measure.ts';

const counted = (position: number, policy: string, action: string, times: number) =>
  [
    `spillway_policy_actions_total{position="${position}",policy="${policy}",action="${action}"}`,
    times,
  ] as const;
const specs = (...policies: object[]) => policies as unknown as Variant['policies'];

test('policyResults distinguishes two policies of the same kind', () => {
  const policies = specs({ timeout: { ms: 100 } }, { bulkhead: { concurrency: 1 } }, { timeout: { ms: 5 } });
  const samples = new Map([
    counted(0, 'timeout', 'timed-out', 1),
    counted(1, 'bulkhead', 'queued', 7),
    counted(2, 'timeout', 'timed-out', 12),
  ]);
  expect(policyResults([policies], samples).map(({ acted }) => acted)).toEqual([
    { 'timed-out': 1 },
    { queued: 7, refused: 0 },
    { 'timed-out': 12 },
  ]);
});

test('policyResults has the policies of all pipelines of a variant, by their positions', () => {
  const before = specs({ timeout: { ms: 100 } });
  const after = specs({ retry: { maxRetries: 1 } }, { timeout: { ms: 100 } });
  const samples = new Map([counted(0, 'timeout', 'timed-out', 3), counted(1, 'timeout', 'timed-out', 4)]);
  const results = policyResults([before, after, before], samples);
  expect(results.map(({ policy, acted }) => [policy, acted['timed-out']])).toEqual([
    ['timeout', 3],
    ['retry', undefined],
    ['timeout', 4],
  ]);
});
