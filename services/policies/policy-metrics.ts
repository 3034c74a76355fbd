import type { Gauge } from 'prom-client';
import type { Metrics } from '#kit/metrics.ts';
import type { PolicySpec } from './pipeline.ts';
import type { PolicyEvent } from './policy.ts';
import { countActions } from './policy-actions.ts';

const breakerStates = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Hears what the policy at a place in a pipeline reports. */
type Emit = (event: PolicyEvent, place: number) => void;

/**
 * Turns what the policies of one pipeline after the other report into metrics. Calls that a replaced pipeline still has in
 * hand are counted, but the gauges are those of the newest.
 */
export function policyMetrics(
  metrics: Metrics,
): (policies: readonly PolicySpec[], pipelines?: number) => Emit {
  const retries = metrics.counter('spillway_retries_total');
  const refusedRetries = metrics.counter('spillway_refused_retries_total');
  const backoff = metrics.histogram('spillway_backoff_seconds');
  const timeouts = metrics.counter('spillway_attempt_timeouts_total');
  const rejections = metrics.counter('spillway_rejections_total');
  const transitions = metrics.counter('spillway_breaker_transitions_total');
  const limit = metrics.gauge('spillway_bulkhead_limit');
  // From 0 on, or the growth to the first would go unseen.
  for (const state of Object.keys(breakerStates)) transitions.inc({ state }, 0);
  let pipelines = 0;

  return (policies, copies = 1) => {
    const count = countActions(metrics, policies, copies);
    const mine = ++pipelines;
    const level = (name: Parameters<Metrics['gauge']>[0], combine: (values: number[]) => number) =>
      levelOf(metrics.gauge(name), combine, () => mine === pipelines);
    const breaker = level('spillway_breaker_state', (states) => Math.max(...states));
    const inFlight = level('spillway_bulkhead_in_flight', sum);
    const queued = level('spillway_bulkhead_queued', sum);
    const budget = level('spillway_retry_budget', (left) => Math.min(...left));
    limit.set(sum(policies.map((policy) => ('bulkhead' in policy ? policy.bulkhead.concurrency : 0))));
    const show: {
      [K in PolicyEvent['kind']]: (event: Extract<PolicyEvent, { kind: K }>, at: number) => void;
    } = {
      retry({ delayMs }) {
        backoff.observe(delayMs / 1000);
        retries.inc();
      },
      'refused-retry'({ policy }) {
        refusedRetries.inc({ policy });
      },
      timeout() {
        timeouts.inc();
      },
      rejected({ policy }) {
        rejections.inc({ policy });
      },
      breaker({ state }, place) {
        breaker(place, breakerStates[state]);
        transitions.inc({ state });
      },
      budget({ left }, place) {
        budget(place, left);
      },
      queued() {},
      bulkhead(event, place) {
        inFlight(place, event.inFlight);
        queued(place, event.queued);
      },
    };
    return (event, place) => {
      count(event, place);
      (show[event.kind] as Emit)(event, place);
    };
  };
}

/** A gauge, 0 to begin with, of what several places of a pipeline say, for as long as that pipeline is in force. */
function levelOf(
  gauge: Gauge<string>,
  combine: (values: number[]) => number,
  isInForce: () => boolean,
): (place: number, value: number) => void {
  const values = new Map<number, number>();
  gauge.set(0);
  return (place, value) => {
    values.set(place, value);
    if (isInForce()) gauge.set(combine([...values.values()]));
  };
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
