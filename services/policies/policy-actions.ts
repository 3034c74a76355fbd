import type { Metrics } from '#kit/metrics.ts';
import type { PolicySpec } from './pipeline.ts';
import type { PolicyEvent } from './policy.ts';

/** Actions of each policy, besides passing a call on. */
export const policyActions = {
  deadline: ['refused', 'timed-out'],
  retry: ['retried'],
  budget: ['refused'],
  breaker: ['opened', 'refused'],
  bulkhead: ['queued', 'refused'],
  timeout: ['timed-out'],
} as const satisfies Record<keyof Policies, readonly string[]>;

type KeysOf<T> = T extends T ? keyof T : never;
type Policies = Record<KeysOf<PolicySpec>, unknown>;
export type PolicyName = keyof typeof policyActions;
export type PolicyAction = (typeof policyActions)[PolicyName][number];

/** A policy's name: the only field of its spec. */
export const nameOf = (spec: PolicySpec): PolicyName => Object.keys(spec)[0] as PolicyName;

function actionOf(event: PolicyEvent): PolicyAction | undefined {
  if (event.kind === 'retry') return 'retried';
  if (event.kind === 'rejected') return 'refused';
  if (event.kind === 'queued') return 'queued';
  if (event.kind === 'timeout') return 'timed-out';
  return event.kind === 'breaker' && event.state === 'open' ? 'opened' : undefined;
}

/**
 * Counts what the policies of a pipeline do, each from 0 on, or its growth to the first would go unseen. Where the list
 * holds several `copies` of a pipeline, a place counts for all of them.
 */
export function countActions(metrics: Metrics, policies: readonly PolicySpec[], copies = 1) {
  const counter = metrics.counter('spillway_policy_actions_total');
  const length = policies.length / copies;
  const counters = policies.slice(0, length).map((spec, place) => {
    const policy = nameOf(spec);
    return new Map<string, { inc(): void }>(
      policyActions[policy].map((action) => {
        const labels = { place: String(place), policy, action };
        counter.inc(labels, 0);
        return [action, counter.labels(labels)];
      }),
    );
  });
  return (event: PolicyEvent, place: number): void => {
    const action = actionOf(event);
    if (action) counters[place % length]?.get(action)?.inc();
  };
}
