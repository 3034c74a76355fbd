import { expect, test } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import type { PolicyEvent } from '#policies/declared.d.ts';
import type { PolicySpec } from '#policies/pipeline.ts';
import { policyMetrics } from '#policies/policy-metrics.ts';

/** Resolves with the samples after these events, by series. Leaves out samples with the value 0. */
async function samples(...events: PolicyEvent[]) {
  const metrics = new Metrics();
  const emit = policyMetrics(metrics)([]);
  for (const event of events) emit(event, 0);
  const lines = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('spillway_') && !line.includes('_bucket'));
  return Object.fromEntries(lines.map((line) => line.split(' ')).filter(([, value]) => value !== '0'));
}

test('policyMetrics counts what each policy of a pipeline does, from 0 on, for any client', async () => {
  const metrics = new Metrics();
  const policies: PolicySpec[] = [
    {
      retry: {
        maxRetries: 1,
        backoff: { kind: 'constant', delayMs: 5, jitter: 'none' },
        retryRejected: false,
      },
    },
    { bulkhead: { concurrency: 1, queue: 1 } },
    { timeout: { ms: 5 } },
  ];
  const emit = policyMetrics(metrics)([...policies, ...policies], 2);
  emit({ kind: 'rejected', policy: 'budget' }, 0);
  emit({ kind: 'rejected', policy: 'bulkhead' }, 1);
  emit({ kind: 'queued' }, 1);
  emit({ kind: 'queued' }, 4);
  emit({ kind: 'timeout', ms: 5 }, 2);
  emit({ kind: 'refused-retry', policy: 'timeout' }, 2);
  emit({ kind: 'refused-retry', policy: 'budget' }, 0);
  const text = await metrics.text(['spillway_policy_actions_total']);
  const lines = text.split('\n').filter((line) => line.startsWith('spillway_policy'));
  expect(lines.map((line) => line.slice('spillway_policy_actions_total'.length))).toEqual([
    '{position="0",policy="retry",action="retried"} 0',
    '{position="0",policy="retry",action="refused"} 1',
    '{position="1",policy="bulkhead",action="queued"} 2',
    '{position="1",policy="bulkhead",action="refused"} 1',
    '{position="2",policy="timeout",action="timed-out"} 2',
  ]);
});

const retried = (attempt: number, delayMs: number) => ({ kind: 'retry', attempt, delayMs }) as const;
const rejected = (policy: string) => ({ kind: 'rejected', policy }) as const;
const changed = (state: 'open' | 'half-open') => ({ kind: 'breaker', state }) as const;
const held = (inFlight: number, queued: number) => ({ kind: 'bulkhead', inFlight, queued }) as const;
const opened = { 'spillway_breaker_transitions_total{state="open"}': '1' };

test.each<[string, PolicyEvent[], object]>([
  [
    'retries',
    [retried(1, 5), retried(2, 20)],
    {
      spillway_retries_total: '2',
      spillway_backoff_seconds_count: '2',
      spillway_backoff_seconds_sum: '0.025',
    },
  ],
  [
    'refused retries by the policy that refused',
    [{ kind: 'refused-retry', policy: 'budget' }],
    { 'spillway_refused_retries_total{policy="budget"}': '1' },
  ],
  ['timeouts', [{ kind: 'timeout', ms: 120 }], { spillway_attempt_timeouts_total: '1' }],
  [
    'rejections by policy',
    [rejected('bulkhead'), rejected('breaker'), rejected('bulkhead')],
    {
      'spillway_rejections_total{policy="bulkhead"}': '2',
      'spillway_rejections_total{policy="breaker"}': '1',
    },
  ],
  [
    'what the bulkhead holds now',
    [held(40, 9), held(40, 8)],
    { spillway_bulkhead_in_flight: '40', spillway_bulkhead_queued: '8' },
  ],
  ['the breaker, open', [changed('open')], { spillway_breaker_state: '2', ...opened }],
  [
    'the breaker, half-open after that',
    [changed('open'), changed('half-open')],
    {
      spillway_breaker_state: '1',
      ...opened,
      'spillway_breaker_transitions_total{state="half-open"}': '1',
    },
  ],
])('policyMetrics shows %s', async (_sentence, events, expected) => {
  expect(await samples(...events)).toEqual(expected);
});

test('policyMetrics counts on what a pipeline reports that was replaced, and leaves the gauges to the new one', async () => {
  const metrics = new Metrics();
  const show = policyMetrics(metrics);
  const before = show([]);
  const after = show([]);
  after({ kind: 'bulkhead', inFlight: 1, queued: 2 }, 0);
  before({ kind: 'bulkhead', inFlight: 6, queued: 7 }, 0);
  before({ kind: 'breaker', state: 'open' }, 1);
  before({ kind: 'budget', left: 3 }, 2);
  before({ kind: 'timeout', ms: 120 }, 3);
  const text = await metrics.text();
  for (const series of [
    'spillway_bulkhead_in_flight 1',
    'spillway_bulkhead_queued 2',
    'spillway_breaker_state 0',
    'spillway_retry_budget 0',
    'spillway_breaker_transitions_total{state="open"} 1',
    'spillway_attempt_timeouts_total 1',
  ])
    expect(text).toContain(`\n${series}\n`);
});

test('policyMetrics shows of several policies the sum, the breaker that lets least through and the least budget', async () => {
  const metrics = new Metrics();
  const bulkhead = (concurrency: number) => ({ bulkhead: { concurrency, queue: 0 } });
  const emit = policyMetrics(metrics)([bulkhead(7), bulkhead(3)]);
  emit({ kind: 'bulkhead', inFlight: 5, queued: 1 }, 0);
  emit({ kind: 'bulkhead', inFlight: 2, queued: 1 }, 1);
  emit({ kind: 'bulkhead', inFlight: 4, queued: 0 }, 0);
  emit({ kind: 'breaker', state: 'open' }, 2);
  emit({ kind: 'breaker', state: 'half-open' }, 3);
  emit({ kind: 'budget', left: 2 }, 4);
  emit({ kind: 'budget', left: 9 }, 5);
  const text = await metrics.text();
  for (const series of [
    'spillway_bulkhead_limit 10',
    'spillway_bulkhead_in_flight 6',
    'spillway_bulkhead_queued 1',
    'spillway_breaker_state 2',
    'spillway_retry_budget 2',
  ])
    expect(text).toContain(`\n${series}\n`);
});

test.each<[string, PolicySpec[], number]>([
  ['no bulkhead', [{ timeout: { ms: 100 } }], 0],
  ['a bulkhead', [{ timeout: { ms: 100 } }, { bulkhead: { concurrency: 7, queue: 1 } }], 7],
])('policyMetrics says how much passes at once with %s', async (_sentence, policies, limit) => {
  const metrics = new Metrics();
  const show = policyMetrics(metrics);
  show([{ bulkhead: { concurrency: 3, queue: 0 } }]);
  show(policies);
  expect(await metrics.text()).toContain(`\nspillway_bulkhead_limit ${limit}\n`);
});
