import { board, choice } from '#grafana/board.ts';
import { graph, type Queries, states } from '#grafana/panels.ts';
import { quantile, rate } from '#grafana/promql.ts';
import type { MetricName } from '#kit/metrics.ts';

const chosenPath = 'path=~"$path"';
const chosenVariant = 'variant=~"$variant"';
const chosen = `${chosenPath}, ${chosenVariant}`;
const activeVariant = `spillway:variant:active{${chosenVariant}}`;

/** Limits queries to the times in which a chosen variant was active. */
const whileChosen = (queries: Queries): Queries =>
  Object.fromEntries(
    Object.entries(queries).map(([legend, expr]) => [legend, `${expr} and on () ${activeVariant}`]),
  );

/** Returns the query for a gauge of the dependency of a chosen variant, summed over replicas. */
const ofRun = (gauge: MetricName): string =>
  `sum(${gauge} and on (job) spillway_run_variant{${chosenVariant}})`;

/** Charts below each other, with a common time axis. */
const wide = { width: 24, height: 5, axisWidth: 220 } as const;

export const experiment = board({
  uid: 'spillway-experiment',
  title: 'Experiment',
  description:
    'The variants of a run, their phases and faults, and below them goodput, calls in flight and latency.',
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
  },
});
