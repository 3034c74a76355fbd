import type { Metrics } from '#kit/metrics.ts';
import type { PolicyEvent } from './declared.d.ts';
import type { PolicyName, PolicySpec } from './pipeline.ts';

const breakerStates = { closed: 0, 'half-open': 1, open: 2 } as const;

type Emit = (event: PolicyEvent, position: number) => void;

/** Function that begins to show a pipeline. `policies` holds all its copies, of which there are `pipelines`. */
interface Show {
  (policies: readonly PolicySpec[], pipelines?: number): Emit;
  /** Returns the value of `spillway_breaker_state` of each breaker that was ever open. */
  readonly breakers: () => number[];
}

/**
 * Turns events of policies into metrics. A new configuration replaces the pipeline. Counters then still include calls
 * in progress in the old pipeline. Gauges show only the newest pipeline.
 */
export function policyMetrics(metrics: Metrics): Show {
  const retries = metrics.counter('spillway_retries_total');
  const refusedRetries = metrics.counter('spillway_refused_retries_total');
  const backoff = metrics.histogram('spillway_backoff_seconds');
  const timeouts = metrics.counter('spillway_attempt_timeouts_total');
  const rejections = metrics.counter('spillway_rejections_total');
  const transitions = metrics.counter('spillway_breaker_transitions_total');
  const limit = metrics.gauge('spillway_bulkhead_limit');
  // Starts each counter at 0, since otherwise Prometheus would not see the increase to 1.
  for (const state of Object.keys(breakerStates)) transitions.inc({ state }, 0);
  let newest = noLevels();
  const show = (
    name: Parameters<Metrics['gauge']>[0],
    level: keyof typeof newest,
    combine: (...values: number[]) => number,
  ) => metrics.gauge(name, () => (newest[level].size === 0 ? 0 : combine(...newest[level].values())));
  show('spillway_breaker_state', 'breaker', Math.max);
  show('spillway_bulkhead_in_flight', 'inFlight', sum);
  show('spillway_bulkhead_queued', 'queued', sum);
  show('spillway_retry_budget', 'budget', Math.min);

  const begin = (policies: readonly PolicySpec[], copies = 1): Emit => {
    const count = countActions(metrics, policies, copies);
    const levels = noLevels();
    newest = levels;
    limit.value = sum(...policies.map((policy) => ('bulkhead' in policy ? policy.bulkhead.concurrency : 0)));
    const record: {
      [K in PolicyEvent['kind']]: (event: Extract<PolicyEvent, { kind: K }>, at: number) => void;
    } = {
      retry({ delayMs }) {
        backoff.observe(delayMs / 1000);
        retries.inc();
      },
      'refused-retry': ({ policy }) => refusedRetries.inc({ policy }),
      timeout: () => timeouts.inc(),
      rejected: ({ policy }) => rejections.inc({ policy }),
      breaker({ state }, position) {
        levels.breaker.set(position, breakerStates[state]);
        transitions.inc({ state });
      },
      budget: ({ left }, position) => levels.budget.set(position, left),
      queued() {},
      bulkhead(event, position) {
        levels.inFlight.set(position, event.inFlight);
        levels.queued.set(position, event.queued);
      },
    };
    return (event, position) => {
      count(event, position);
      (record[event.kind] as Emit)(event, position);
    };
  };
  return Object.assign(begin, { breakers: () => [...newest.breaker.values()] });
}

/** Returns empty gauges for a pipeline. Each gauge has values by the position of the policy. */
const noLevels = () => {
  const level = () => new Map<number, number>();
  return { breaker: level(), inFlight: level(), queued: level(), budget: level() };
};

const sum = (...values: number[]): number => values.reduce((a, b) => a + b, 0);

/** Actions of each policy, except for forwarding a call. */
export const policyActions = {
  deadline: ['refused', 'timed-out'],
  retry: ['retried', 'refused'],
  breaker: ['opened', 'refused'],
  bulkhead: ['queued', 'refused'],
  timeout: ['timed-out'],
} as const satisfies Record<PolicyName, readonly string[]>;

type PolicyAction = (typeof policyActions)[PolicyName][number];

export const nameOf = (spec: PolicySpec): PolicyName => Object.keys(spec)[0] as PolicyName;

const actions: Partial<Record<PolicyEvent['kind'], PolicyAction>> = {
  retry: 'retried',
  rejected: 'refused',
  queued: 'queued',
  timeout: 'timed-out',
};
const actionOf = (event: PolicyEvent): PolicyAction | undefined =>
  event.kind === 'breaker' && event.state === 'open' ? 'opened' : actions[event.kind];

/**
 * Counts the actions of each policy in a pipeline, starting at 0. `policies` may hold several copies of the pipeline.
 * The copies share the counter of each position.
 */
function countActions(metrics: Metrics, policies: readonly PolicySpec[], copies = 1) {
  const counter = metrics.counter('spillway_policy_actions_total');
  const length = policies.length / copies;
  const names = policies.slice(0, length).map(nameOf);
  const counters = names.map(
    (policy, position) =>
      new Map<string, { inc(): void }>(
        policyActions[policy].map((action) => {
          const labels = { position: String(position), policy, action };
          counter.inc(labels, 0);
          return [action, counter.labels(labels)];
        }),
      ),
  );
  return (event: PolicyEvent, position: number): void => {
    const at = position % length;
    // A retry reports refusals by other policies under its own position. A timeout or deadline that expires between two
    // attempts reports itself.
    const isOwn = event.kind === 'refused-retry' && event.policy === names[at];
    const action = isOwn ? 'timed-out' : actionOf(event);
    if (action) counters[at]?.get(action)?.inc();
  };
}
