import { expect, test } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import type { PolicySpec } from '#policies/pipeline.ts';
import type { PolicyEvent } from '#policies/policy.ts';
import { policyMetrics } from '#policies/policy-metrics.ts';

/** The samples after the events, by series, those that are 0 left out. */
async function samples(...events: PolicyEvent[]) {
  const metrics = new Metrics();
  const emit = policyMetrics(metrics, []);
  for (const event of events) emit(event);
  const lines = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('spillway_') && !line.includes('_bucket'));
  return Object.fromEntries(lines.map((line) => line.split(' ')).filter(([, value]) => value !== '0'));
}

test.each<[string, PolicyEvent[], object]>([
  [
    'retries and their waits',
    [
      { kind: 'retry', attempt: 1, delayMs: 5 },
      { kind: 'retry', attempt: 2, delayMs: 20 },
    ],
    {
      spillway_retries_total: '2',
      spillway_backoff_seconds_count: '2',
      spillway_backoff_seconds_sum: '0.025',
    },
  ],
  ['timeouts', [{ kind: 'timeout', ms: 120 }], { spillway_attempt_timeouts_total: '1' }],
  [
    'rejections by policy',
    [
      { kind: 'rejected', policy: 'bulkhead' },
      { kind: 'rejected', policy: 'breaker' },
      { kind: 'rejected', policy: 'bulkhead' },
    ],
    {
      'spillway_rejections_total{policy="bulkhead"}': '2',
      'spillway_rejections_total{policy="breaker"}': '1',
    },
  ],
  [
    'what the bulkhead holds now',
    [
      { kind: 'bulkhead', inFlight: 40, queued: 9 },
      { kind: 'bulkhead', inFlight: 40, queued: 8 },
    ],
    { spillway_bulkhead_in_flight: '40', spillway_bulkhead_queued: '8' },
  ],
  [
    'the state of the breaker, open',
    [{ kind: 'breaker', state: 'open' }],
    { spillway_breaker_state: '2', 'spillway_breaker_transitions_total{state="open"}': '1' },
  ],
  [
    'the state of the breaker, half-open after that',
    [
      { kind: 'breaker', state: 'open' },
      { kind: 'breaker', state: 'half-open' },
    ],
    {
      spillway_breaker_state: '1',
      'spillway_breaker_transitions_total{state="open"}': '1',
      'spillway_breaker_transitions_total{state="half-open"}': '1',
    },
  ],
])('policyMetrics shows %s', async (_sentence, events, expected) => {
  expect(await samples(...events)).toEqual(expected);
});

test('policyMetrics begins again with a breaker that is closed and a bulkhead that is empty', async () => {
  const metrics = new Metrics();
  policyMetrics(metrics, [])({ kind: 'breaker', state: 'open' });
  policyMetrics(metrics, [])({ kind: 'bulkhead', inFlight: 1, queued: 0 });
  expect(await metrics.text(['spillway_breaker_state'])).toContain('\nspillway_breaker_state 0\n');
});

test.each<[string, PolicySpec[], number]>([
  ['no bulkhead', [{ timeout: { ms: 100 } }], 0],
  ['a bulkhead', [{ timeout: { ms: 100 } }, { bulkhead: { concurrency: 7, queue: 1 } }], 7],
])('policyMetrics says how much passes at once with %s', async (_sentence, policies, limit) => {
  const metrics = new Metrics();
  policyMetrics(metrics, [{ bulkhead: { concurrency: 3, queue: 0 } }]);
  policyMetrics(metrics, policies);
  expect(await metrics.text()).toContain(`\nspillway_bulkhead_limit ${limit}\n`);
});

test('policyMetrics counts changes of the breaker from 0 on', async () => {
  const metrics = new Metrics();
  policyMetrics(metrics, [])({ kind: 'breaker', state: 'open' });
  policyMetrics(metrics, []);
  const text = await metrics.text(['spillway_breaker_transitions_total']);
  expect(
    text
      .split('\n')
      .filter((line) => line.startsWith('spillway_'))
      .toSorted(),
  ).toEqual([
    'spillway_breaker_transitions_total{state="closed"} 0',
    'spillway_breaker_transitions_total{state="half-open"} 0',
    'spillway_breaker_transitions_total{state="open"} 1',
  ]);
});
