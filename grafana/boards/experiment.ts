import { board, choice } from '#grafana/board.ts';
import { figure, graph, type Queries, states, table } from '#grafana/panels.ts';
import { growth, quantile, rate } from '#grafana/promql.ts';
import type { MetricName } from '#kit/metrics.ts';
import { amplificationColours, goodputColours } from './shared.ts';

const chosenPath = 'path=~"$path"';
const chosenVariant = 'variant=~"$variant"';
const chosen = `${chosenPath}, ${chosenVariant}`;
const activeVariant = `spillway:variant:active{${chosenVariant}}`;

// The load's counters have a label `variant`.
const good = growth('spillway_load_requests_total', 'path, variant', `outcome="ok", ${chosen}`);
const errors = growth('spillway_load_requests_total', 'path, variant', `outcome!~"ok|late", ${chosen}`);
const offered = growth('spillway_load_offered_total', 'path, variant', chosen);

// The services' counters have no label `variant`, so queries assign their growth to the variant that is active at that
// time.
const attempts = growth('spillway_attempts_total', 'job', 'job!~"(.+-)?downstream"');
const requests = growth('spillway_requests_total', 'job');
const events = growth('spillway_deliveries_total', 'job', 'result=~"ok|dead"');
const ended = `(${requests} or ${events})`;
const answers = growth('spillway_request_duration_seconds_bucket', 'le, job', 'job=~"(.+-)?gateway"');
const durations = `(${answers} or ${growth('spillway_delivery_duration_seconds_bucket', 'le, job')})`;
const latencies = growth('spillway_load_latency_seconds_bucket', 'le, path', chosenPath);

const byName = 'on (variant) group_left ()';
const byTime = 'on () group_left (variant)';

/** Limits queries to the times in which a chosen variant was active. */
const whileChosen = (queries: Queries): Queries =>
  Object.fromEntries(
    Object.entries(queries).map(([legend, expr]) => [legend, `${expr} and on () ${activeVariant}`]),
  );

/** Returns the query that sums growth over the time range. */
const inRange = (growth: string): string => `sum_over_time(${growth}[$__range:$__interval])`;

/**
 * Returns a query for each of the windows before, during and after faults, by variant. `within` sums growth over such a
 * window, so that `query` can divide two sums. This gives each request the same weight; a mean of ratios would not.
 */
function inWindows(
  legend: string,
  match: typeof byName | typeof byTime,
  query: (within: (growth: string) => string) => string,
): Queries {
  const queries = ['before', 'during', 'after'].map((window) => {
    const factor = `${match} spillway:window:active{window="${window}", ${chosenVariant}}`;
    return [`${window}, ${legend} {{variant}}`, query((growth) => inRange(`(${growth} * ${factor})`))];
  });
  return Object.fromEntries(queries);
}

/**
 * Returns the query that sums growth over the time range, by path and phase. When a run pauses the tide, the phases of
 * both are there until the next scrape.
 */
const inPhases = (growth: string): string =>
  inRange(
    `(sum by (path) (${growth}) * on () group_left (phase) topk(1, max by (phase) (spillway_load_phase) == 1))`,
  );

/**
 * Returns the query that sums growth at gateway and consumer over the time range, by variant, path and the labels `by`.
 */
const inVariants = (growth: string, by = ''): string =>
  inRange(
    `(sum by (${by}path) (label_replace(label_replace(${growth}, "path", "rpc", "job", "(.+-)?gateway"), ` +
      `"path", "event", "job", "(.+-)?consumer")) * ${byTime} ${activeVariant})`,
  );

/** Limits an expression to the variants that were offered requests on the path of the series. */
const ifOffered = (expr: string): string => `${expr} and on (variant, path) ${inRange(offered)} > 0`;

/** Returns the query for a gauge of the dependency of a chosen variant, summed over replicas. */
const ofRun = (gauge: MetricName): string =>
  `sum(${gauge} and on (job) spillway_run_variant{${chosenVariant}})`;

/** Charts below each other, with a common time axis. */
const wide = { width: 24, height: 5, axisWidth: 220 } as const;

export const experiment = board({
  uid: 'spillway-experiment',
  title: 'Experiment',
  description:
    'The variants of a run compared, its phases and faults, and goodput, latency and amplification around each fault.',
  variables: [
    choice('variant', 'Variant', 'label_values(spillway_run_variant, variant)'),
    choice('path', 'Path', 'label_values(spillway_load_offered_total, path)'),
  ],
  rows: {
    'Over time': {
      'Variants, phases and faults': states(
        'The variant that runs, the phase of its load, and its faults. A load without end has no variant.',
        {
          '{{variant}}': `max by (variant) (spillway_run_variant{${chosenVariant}})`,
          ...whileChosen({
            '{{phase}}': '2 * (max by (phase) (spillway_load_phase) == 1)',
            '{{fault}}: {{kind}} of {{target}}': '3 * max by (fault, target, kind) (spillway_fault_active)',
          }),
        },
        {
          ...wide,
          height: 6,
          values: { 1: ['variant', 'green'], 2: ['phase', 'blue'], 3: ['fault', 'red'] },
        },
      ),
      'Goodput: share that completed in time': graph(
        'Of the offered requests. How deep does it fall, and when does it recover?',
        {
          '{{path}}':
            `${rate('spillway_load_requests_total', 'path', `outcome="ok", ${chosen}`)} / ` +
            `(${rate('spillway_load_offered_total', 'path', chosen)} > 0)`,
        },
        { ...wide, unit: 'percentunit', max: 1 },
      ),
      'Calls in flight at the dependency: above the knee all take longer': graph(
        'Attempts that the dependency works on, also for callers that have left. After a fault they must go down again.',
        {
          'in flight': [ofRun('spillway_work_in_flight'), 'blue'],
          knee: [ofRun('spillway_work_knee'), 'orange'],
        },
        wide,
      ),
      'Latency over time, p99': graph(
        'From the scheduled time to the completion, with the deadline.',
        whileChosen({
          'p99, {{path}}': quantile(0.99, 'spillway_load_latency_seconds', 'path', chosenPath),
          deadline: `max(spillway_load_deadline_seconds and on (job) spillway_run_variant{${chosenVariant}})`,
        }),
        { ...wide, unit: 's' },
      ),
    },
    Comparison: {
      'Variants compared': table(
        "Each variant in the time range. Errors: outcomes other than ok and late. Duration: of the gateway's answers, or of deliveries.",
        {
          Goodput: `${inRange(good)} / (${inRange(offered)} > 0)`,
          'Error ratio': `${inRange(errors)} / (${inRange(offered)} > 0)`,
          'Attempts per request': ifOffered(`${inVariants(attempts)} / ${inVariants(ended)}`),
          'Duration, p99': ifOffered(`histogram_quantile(0.99, ${inVariants(durations, 'le, ')})`),
        },
        {
          isTotal: true,
          labels: ['variant', 'path'],
          columns: {
            Goodput: { unit: 'percentunit', ...goodputColours },
            'Error ratio': { unit: 'percentunit', thresholds: { 0.05: 'orange', 0.5: 'red' } },
            'Attempts per request': { unit: 'short', thresholds: amplificationColours },
            'Duration, p99': { unit: 's' },
          },
        },
      ),
    },
    'Requests and events that wait': {
      'Requests in flight and backlog': graph(
        'Requests in the gateway, and events in the stream. After a fault both must go down again.',
        whileChosen({
          requests: 'sum(spillway_requests_in_flight{job=~"(.+-)?gateway"})',
          events: 'max(spillway_stream_messages)',
        }),
        wide,
      ),
    },
    'Before, during and after faults': {
      'Goodput around faults': figure(
        'Good ÷ offered in the time range before, during, and up to two minutes after a fault. The edges blur by a scrape.',
        inWindows('{{path}}', byName, (within) => `${within(good)} / (${within(offered)} > 0)`),
        { unit: 'percentunit', ...goodputColours, isTotal: true },
      ),
      'Latency around faults, p99': figure(
        'From the scheduled time, in the time range before, during and after faults.',
        inWindows('{{path}}', byTime, (within) => `histogram_quantile(0.99, ${within(latencies)})`),
        { unit: 's', thresholds: { 0.5: 'orange', 2: 'red' }, isTotal: true },
      ),
      'Amplification around faults': figure(
        'Attempts ÷ ended requests or events, in the time range before, during and after faults.',
        inWindows('{{job}}', byTime, (within) => `${within(attempts)} / (${within(ended)} > 0)`),
        { thresholds: amplificationColours, isTotal: true },
      ),
    },
    'Phase by phase': {
      'Goodput of each phase': figure(
        'Good ÷ offered in the time range of each phase.',
        { '{{phase}}, {{path}}': `${inPhases(good)} / (${inPhases(offered)} > 0)` },
        { unit: 'percentunit', ...goodputColours, isTotal: true },
      ),
    },
  },
});
