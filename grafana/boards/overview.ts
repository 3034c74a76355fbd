import { board } from '#grafana/board.ts';
import { baseline, burst, runbook } from '#grafana/links.ts';
import { figure, graph } from '#grafana/panels.ts';
import { quantile, rate } from '#grafana/promql.ts';
import { consumer, deadLetters, publisher, stream } from './overview/events.ts';
import { downstream, gateway } from './overview/rpc.ts';

/** The whole system on one page, in the order in which a request passes through it. */
export const overview = board({
  uid: 'spillway-overview',
  title: 'Overview',
  description: 'The whole system on one page, in the order in which a request passes through it.',
  rows: {
    Now: now(),
    Load: load(),
    Gateway: gateway(),
    Downstream: downstream(),
    Publisher: publisher(),
    Stream: stream(),
    Consumer: consumer(),
    'Dead letters': deadLetters(),
  },
});

function now() {
  return [
    figure({
      title: 'Goodput',
      description:
        'The share of the offered requests that were done within the deadline, over 30 s. The one figure that counts.',
      unit: 'percentunit',
      queries: { '{{path}}': 'path:spillway_goodput:ratio_rate30s' },
      width: 7,
      base: 'red',
      thresholds: [
        [0.5, 'orange'],
        [0.95, 'green'],
      ],
      see: [burst, baseline],
    }),
    figure({
      title: 'Amplification',
      description:
        'Attempts at downstream for each request that came to an end, over 30 s. Above 1 the system makes work of its own.',
      unit: 'short',
      queries: { '{{job}}': 'job:spillway_amplification:ratio_rate30s' },
      width: 7,
      thresholds: [
        [1.5, 'orange'],
        [2, 'red'],
      ],
      see: [burst],
    }),
    figure({
      title: 'Processes that answer',
      description:
        'How many processes of each service Prometheus can scrape; as many as were started when all is well.',
      unit: 'none',
      queries: { '{{job}}': 'sum by (job) (up)' },
      width: 5,
      base: 'red',
      thresholds: [[1, 'green']],
    }),
    figure({
      title: 'Alerts that fire',
      description: 'The runbook says what each of them means and what to do.',
      see: [runbook],
      unit: 'none',
      queries: { '{{alertname}}': 'sum by (alertname) (ALERTS{alertstate="firing"})' },
      width: 5,
      thresholds: [[1, 'red']],
    }),
  ];
}

function load() {
  return [
    graph({
      title: 'Offered, and good',
      description:
        'What came due, and what of it was done within the deadline. The gap between the two is what callers lose.',
      unit: 'reqps',
      queries: {
        'offered, {{path}}': rate('spillway_load_offered_total', 'path'),
        'good, {{path}}': rate('spillway_load_requests_total', 'path', 'outcome="ok"'),
      },
      width: 8,
      see: [baseline],
    }),
    graph({
      title: 'How requests end',
      description:
        'Every offered request ends in exactly one of these; see the README for what each of them means.',
      unit: 'reqps',
      queries: { '{{outcome}}, {{path}}': rate('spillway_load_requests_total', 'path, outcome') },
      width: 8,
      stacked: true,
    }),
    graph({
      title: 'Latency from the due time',
      description:
        'From when a request was due to the news of its effect: waiting counts, wherever it happens. Beyond the deadline it is worth nothing.',
      unit: 's',
      queries: {
        'p50, {{path}}': quantile(0.5, 'spillway_load_latency_seconds', 'path'),
        'p99, {{path}}': quantile(0.99, 'spillway_load_latency_seconds', 'path'),
        deadline: 'max(spillway_load_deadline_seconds)',
      },
      width: 8,
      see: [burst],
    }),
  ];
}
