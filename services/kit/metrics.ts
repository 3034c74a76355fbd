import { type About, counterOf, gaugeOf, histogramOf, type Metric } from './counters.ts';

interface Definition<T extends 'counter' | 'gauge' | 'histogram'> {
  readonly type: T;
  readonly help: string;
  readonly labels: string[];
  readonly buckets?: number[];
  /** Combination of the values of several processes. @default their sum */
  readonly together?: 'highest' | 'least';
}

// No bound is a whole number: Prometheus 3 rewrites 1 to 1.0, which would break queries for a bound.
export const buckets = [
  ...[0.0015, 0.0025, 0.005, 0.0075, 0.0125, 0.025, 0.05, 0.075, 0.125, 0.25, 0.5, 0.75],
  ...[1.25, 2.5, 5.5, 10.5, 30.5],
];

const define =
  <T extends 'counter' | 'gauge' | 'histogram'>(type: T, more: Partial<Definition<T>> = {}) =>
  (help: string, ...labels: string[]): Definition<T> => ({ type, help, labels, ...more });
const counter = define('counter');
const gauge = define('gauge');
const highest = define('gauge', { together: 'highest' });
const least = define('gauge', { together: 'least' });
const histogram = define('histogram', { buckets });

/** Adds to each metric the processes that export it. */
const from = <D extends Record<string, object>>(
  of: readonly string[],
  metrics: D,
): { [K in keyof D]: D[K] & { readonly of: readonly string[] } } =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, definition]) => [name, { ...definition, of }]),
  ) as never;

/** All metrics. Services and dashboards take names, labels and buckets from here, so they can't differ. */
export const catalogue = {
  ...from(['gateway'], {
    spillway_requests_total: counter('Requests answered, by outcome.', 'outcome'),
  }),
  ...from(['gateway', 'publisher'], {
    spillway_requests_in_flight: gauge('Requests received and not yet answered.'),
  }),
  ...from(['gateway', 'publisher', 'downstream'], {
    spillway_request_duration_seconds: histogram('Time from receiving a request to answering it.', 'outcome'),
  }),
  ...from(['gateway', 'consumer', 'downstream'], {
    spillway_attempts_total: counter('Attempts at downstream that have ended, by result.', 'result'),
  }),
  ...from(['gateway', 'consumer'], {
    spillway_attempt_duration_seconds: histogram('Duration of calls to downstream, as seen by their caller.'),
    spillway_retries_total: counter(
      'Retries by the retry policy, including those that an inner policy refused. At the consumer also the redeliveries that it requested.',
    ),
    spillway_refused_retries_total: counter(
      'Retries that a policy refused after a failed attempt.',
      'policy',
    ),
    spillway_backoff_seconds: histogram('Waits before a retry, or before a redelivery.'),
    spillway_attempt_timeouts_total: counter('Calls cut off by the timeout or the deadline policy.'),
    spillway_rejections_total: counter('Calls that a policy refused.', 'policy'),
    spillway_policy_actions_total: counter(
      'Actions of each policy, by its position in the pipeline from 0; action: refused, retried, opened, queued or timed-out.',
      'position',
      'policy',
      'action',
    ),
    spillway_breaker_state: highest('0 closed, 1 half-open, 2 open; the highest of several breakers.'),
    spillway_breaker_transitions_total: counter('State changes of the breaker, by the new state.', 'state'),
    spillway_retry_budget: least('Lowest remaining retry budget, in its own unit; 0 without a budget.'),
    spillway_bulkhead_limit: gauge('Calls that all bulkheads together allow at once; 0 without a bulkhead.'),
    spillway_bulkhead_in_flight: gauge('Calls inside all bulkheads together.'),
    spillway_bulkhead_queued: gauge('Calls waiting for a slot of a bulkhead, of all bulkheads together.'),
  }),
  ...from(['downstream'], {
    spillway_repeated_attempts_total: counter('Attempts beyond the first of a request, at downstream.'),
    spillway_refused_calls_total: counter(
      'Calls that `accepts` of downstream refuses, by reason: id (no id of a request) or form (another method or path).',
      'reason',
    ),
    spillway_work_in_flight: gauge('Attempts in progress at downstream, including abandoned ones.'),
    spillway_work_knee: gauge(
      'Attempts in progress above which each takes longer. Missing if the model has no such limit.',
    ),
    spillway_work_in_flight_peak: gauge(
      'Highest number of attempts in progress at once, since the last change of the configuration.',
    ),
    spillway_fault_affected_total: counter('Attempts affected by a fault of downstream.', 'fault', 'kind'),
    spillway_effects_total: counter('Effects committed by downstream; caller: waiting or gone.', 'caller'),
    spillway_duplicate_effects_total: counter(
      'Further effects of a request that already had one; handling: repeated or suppressed.',
      'handling',
    ),
    spillway_effects_forgotten_total: counter('Requests whose effects were dropped from a full log.'),
    spillway_modelled_sleep_seconds_total: counter('Sleep requested by the model.'),
    spillway_sleep_excess_seconds: histogram('Time by which downstream slept longer than its model says.'),
    spillway_run_variant: gauge('1 for the current variant of a run.', 'variant'),
  }),
  ...from(['publisher'], {
    spillway_published_total: counter(
      'Publish requests by result: accepted, duplicate, dropped (stream full), unstored (disk), unavailable (never sent), unknown (sent, not acknowledged).',
      'result',
    ),
  }),
  ...from(['publisher', 'consumer', 'downstream'], {
    spillway_storage_failures_total: counter(
      'Effects, events and dead letters that could not be stored, by reason: disk-full or disk.',
      'reason',
    ),
  }),
  ...from(['consumer'], {
    spillway_deliveries_total: counter(
      'Deliveries by result: ok, retried, dead, returned (to the stream, without a verdict), unconfirmed (dead-lettered without a confirmed acknowledgement).',
      'result',
    ),
    spillway_delivery_duration_seconds: histogram('Time that a delivery occupies a handler.', 'result'),
    spillway_deliveries_limit: gauge('Limit on the deliveries that the consumer processes at once.'),
    spillway_deliveries_in_flight: gauge('Deliveries that the consumer processes.'),
    spillway_deliveries_held: gauge('Deliveries in progress, or waiting in the consumer for a redelivery.'),
    spillway_dead_letters_total: counter('Events moved to the dead-letter stream, by reason.', 'reason'),
    spillway_stream_messages: highest('Messages in the work stream: the backlog.'),
    spillway_stream_limit: highest('Limit on the messages in the work stream.'),
    spillway_stream_oldest_age_seconds: highest('Age of the oldest message in the work stream, or 0.'),
    spillway_stream_pending: highest('Messages not yet delivered to the consumer.'),
    spillway_stream_ack_pending: highest('Messages delivered and not yet acknowledged.'),
    spillway_stream_redelivered: highest('Unacknowledged messages that were delivered more than once.'),
    spillway_dead_letter_messages: highest('Messages in the dead-letter stream.'),
    spillway_dead_letter_oldest_age_seconds: highest('Age of the oldest dead letter, or 0.'),
  }),
  ...from(['load', 'downstream'], {
    spillway_load_offered_total: counter(
      'Requests scheduled, by path: rpc or event; with the lane of an endless load, or the variant of a run.',
      'path',
      'lane',
      'variant',
    ),
    spillway_load_requests_total: counter(
      'Requests that ended, by path and outcome; with the lane of an endless load, or the variant of a run.',
      'path',
      'lane',
      'variant',
      'outcome',
    ),
    spillway_load_latency_seconds: histogram(
      'Time from the scheduled time to the completion.',
      'path',
      'lane',
      'variant',
    ),
    spillway_load_deadline_seconds: gauge('Deadline of the requests of the load.'),
    spillway_load_phase: gauge('1 for the current phase of the load, 0 for the others.', 'phase'),
  }),
  ...from(['netproxy'], {
    spillway_proxy_connections: gauge('Open connections of a proxy.', 'proxy'),
  }),
  ...from(['downstream', 'netproxy'], {
    spillway_fault_active: gauge('1 while a fault is active.', 'fault', 'target', 'kind'),
  }),
  ...from(['every process'], {
    spillway_event_loop_delay_seconds: histogram('Delay of a timer of the process, sampled every 20 ms.'),
    spillway_control_changes_total: counter(
      'Changes made through the control port, by the first part of their path.',
      'resource',
    ),
  }),
};

type Catalogue = typeof catalogue;
export type NameOf<T extends string> = {
  [K in keyof Catalogue]: Catalogue[K]['type'] extends T ? K : never;
}[keyof Catalogue];
export type MetricName = keyof Catalogue;

export class Metrics {
  readonly #byName = new Map<string, Metric>();

  counter(name: NameOf<'counter'>) {
    return this.#once(name, (about) => counterOf(about));
  }

  /** `collect` returns the current values at each scrape. */
  gauge(name: NameOf<'gauge'>, collect?: Parameters<typeof gaugeOf>[1]) {
    return this.#once(name, (about) => gaugeOf(about, collect));
  }

  histogram(name: NameOf<'histogram'>) {
    return this.#once(name, (about) => histogramOf(about, buckets));
  }

  /** Adds a metric that isn't in the catalogue, or replaces the one of this name. */
  add(metric: Metric): void {
    this.#byName.set(metric.name, metric);
  }

  get all(): readonly Metric[] {
    return [...this.#byName.values()];
  }

  /** Returns the Prometheus text of all metrics, or of the named ones. Unknown names are ignored. */
  async text(names?: readonly string[]): Promise<string> {
    const texts = this.#named(names).map(async (metric) => {
      const { name, help, type } = metric;
      // A fault of the run may also be one of the process.
      const values = [...new Map(await metric.read())];
      const lines = values.map(([series, value]) => `\n${series} ${valueText(value)}`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}${lines.join('')}`;
    });
    return `${(await Promise.all(texts)).join('\n')}\n`;
  }

  /** Returns the values of all metrics, or of the named ones, by their series in the text. Ignores unknown names. */
  async values(names?: readonly string[]): Promise<Map<string, number>> {
    return new Map((await Promise.all(this.#named(names).map((metric) => metric.read()))).flat());
  }

  #named(names?: readonly string[]): readonly Metric[] {
    return names ? names.flatMap((name) => this.#byName.get(name) ?? []) : this.all;
  }

  #once<M extends Metric>(name: MetricName, create: (about: About) => M): M {
    const known = this.#byName.get(name) as M | undefined;
    if (known) return known;
    const { help, labels } = catalogue[name];
    const metric = create({ name, help, labelNames: labels });
    this.#byName.set(name, metric);
    return metric;
  }
}

const valueText = (value: number): string =>
  Number.isNaN(value) ? 'Nan' : String(value).replace(/^(-?)Infinity/, (_, sign) => `${sign || '+'}Inf`);

/** Exports the start of the process, by which readers of its counters notice a restart. */
export function exportStart(metrics: Metrics, startMs: number): void {
  const name = 'process_start_time_seconds';
  const help = 'Start time of the process since the epoch.';
  metrics.add(gaugeOf({ name, help, labelNames: [] }, () => startMs / 1000));
}
