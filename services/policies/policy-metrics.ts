import type { Metrics } from '#kit/metrics.ts';
import type { PolicySpec } from './pipeline.ts';
import type { PolicyEvent } from './policy.ts';

const breakerStates = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Turns what the policies of a new pipeline report into metrics. */
export function policyMetrics(
  metrics: Metrics,
  policies: readonly PolicySpec[],
): (event: PolicyEvent) => void {
  const retries = metrics.counter('spillway_retries_total');
  const backoff = metrics.histogram('spillway_backoff_seconds');
  const timeouts = metrics.counter('spillway_attempt_timeouts_total');
  const rejections = metrics.counter('spillway_rejections_total');
  const breaker = metrics.gauge('spillway_breaker_state');
  const transitions = metrics.counter('spillway_breaker_transitions_total');
  const inFlight = metrics.gauge('spillway_bulkhead_in_flight');
  const queued = metrics.gauge('spillway_bulkhead_queued');
  const limit = metrics.gauge('spillway_bulkhead_limit');
  const budget = metrics.gauge('spillway_retry_budget');
  for (const gauge of [breaker, inFlight, queued, limit, budget]) gauge.set(0);
  // From 0 on, or the growth to the first would go unseen.
  for (const state of Object.keys(breakerStates)) transitions.inc({ state }, 0);
  for (const policy of policies) if ('bulkhead' in policy) limit.set(policy.bulkhead.concurrency);
  const show: { [K in PolicyEvent['kind']]: (event: Extract<PolicyEvent, { kind: K }>) => void } = {
    retry({ delayMs }) {
      backoff.observe(delayMs / 1000);
      retries.inc();
    },
    timeout() {
      timeouts.inc();
    },
    rejected({ policy }) {
      rejections.inc({ policy });
    },
    breaker({ state }) {
      breaker.set(breakerStates[state]);
      transitions.inc({ state });
    },
    budget({ left }) {
      budget.set(left);
    },
    bulkhead(event) {
      inFlight.set(event.inFlight);
      queued.set(event.queued);
    },
  };
  return (event) => (show[event.kind] as (event: PolicyEvent) => void)(event);
}
