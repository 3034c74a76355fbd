import { board, choice } from '#grafana/board.ts';
import { figure, graph, type Queries, states } from '#grafana/panels.ts';
import { quantile, rate } from '#grafana/promql.ts';
import { amplificationColours, goodputColours } from './shared.ts';

const chosen = 'path=~"$path"';
const good = rate('spillway_load_requests_total', 'path', `outcome="ok", ${chosen}`);
const offered = rate('spillway_load_offered_total', 'path', chosen);

/** Sums an expression over the time range, of which one factor says what counts. */
const over = (expr: string, factor: string): string =>
  `sum_over_time((${expr} * ${factor})[$__range:$__interval])`;

/**
 * Returns the same query for the time before, during and after faults, by variant. `within` sums an expression over one of
 * them: a ratio of sums weighs each request equally, which a mean of ratios doesn't.
 */
function inWindows(legend: string, query: (within: (expr: string) => string) => string): Queries {
  const queries = ['before', 'during', 'after'].map((window) => {
    const factor = `on () group_left (variant) spillway:window:active{window="${window}"}`;
    return [`${window}, ${legend} {{variant}}`, query((expr) => over(expr, factor))];
  });
  return Object.fromEntries(queries);
}

/** Sums an expression over the time range, phase by phase. */
const inPhases = (expr: string): string =>
  over(expr, 'on () group_left (phase) (max by (phase) (spillway_load_phase) == 1)');

export const experiment = board({
  uid: 'spillway-experiment',
  title: 'Experiment',
  description:
    'Variants, phases and faults of a run, and goodput, latency and amplification around each fault.',
  variables: [choice('path', 'Path', 'label_values(spillway_load_offered_total, path)')],
  rows: {
    'Variants, phases and faults': {
      Variants: states(
        'The variant that was running. A load without end has none.',
        { '{{variant}}': 'max by (variant) (spillway_run_variant)' },
        { unit: 'none', values: { 1: ['yes', 'green'] } },
      ),
      Phases: states(
        'The phase of the load.',
        { '{{phase}}': 'max by (phase) (spillway_load_phase)' },
        { unit: 'none', values: { 0: ['no', 'text'], 1: ['yes', 'blue'] } },
      ),
      Faults: states(
        'Active faults with their targets.',
        { '{{fault}}: {{kind}} of {{target}}': 'max by (fault, target, kind) (spillway_fault_active)' },
        { unit: 'none', values: { 0: ['no', 'text'], 1: ['yes', 'red'] } },
      ),
    },
    'What callers got': {
      'Goodput over time': graph(
        'Share of the offered requests that completed within the deadline. How deep does it fall, and when does it recover?',
        { '{{path}}': `${good} / (${offered} > 0)` },
        { unit: 'percentunit', max: 1, see: ['burst'] },
      ),
      'Latency over time, p99': graph(
        'From the scheduled time to the completion, with the deadline.',
        {
          'p99, {{path}}': quantile(0.99, 'spillway_load_latency_seconds', 'path', chosen),
          deadline: 'max(spillway_load_deadline_seconds)',
        },
        { unit: 's', see: ['baseline'] },
      ),
      'Requests in flight and backlog': graph(
        'Requests in the gateway, and events in the stream. After a fault both must go down again.',
        {
          requests: 'sum(spillway_requests_in_flight{job="gateway"})',
          events: 'max(spillway_stream_messages)',
        },
      ),
    },
    'Before, during and after faults': {
      'Goodput around faults': figure(
        'Good ÷ offered in the time range before, during, and up to two minutes after a fault. The edges blur by a few scrapes.',
        inWindows('{{path}}', (within) => `${within(good)} / (${within(offered)} > 0)`),
        { unit: 'percentunit', ...goodputColours, isTotal: true, see: ['burst'] },
      ),
      'Latency around faults, p99': figure(
        'From the scheduled time, in the time range before, during and after faults.',
        inWindows('{{path}}', (within) => {
          const buckets = `sum by (le, path) (rate(spillway_load_latency_seconds_bucket{${chosen}}[$__rate_interval]))`;
          return `histogram_quantile(0.99, ${within(buckets)})`;
        }),
        { unit: 's', thresholds: { 0.5: 'orange', 2: 'red' }, isTotal: true },
      ),
      'Amplification around faults': figure(
        'Attempts ÷ ended requests or events, in the time range before, during and after faults.',
        inWindows('{{job}}', (within) => {
          const attempts = rate('spillway_attempts_total', 'job', 'job!="downstream"');
          const requests = rate('spillway_requests_total', 'job');
          const events = rate('spillway_deliveries_total', 'job', 'result=~"ok|dead"');
          return `${within(attempts)} / (${within(`(${requests} or ${events})`)} > 0)`;
        }),
        { thresholds: amplificationColours, isTotal: true, see: ['burst'] },
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
