import { board } from '#grafana/board.ts';
import { baseline, burst, runbook } from '#grafana/links.ts';
import { figure, graph } from '#grafana/panels.ts';
import { quantiles, rate } from '#grafana/promql.ts';
import { amplificationColours, deliveries, givenUp, goodputColours, letters, oldest } from './shared.ts';

export const overview = board({
  uid: 'spillway-overview',
  title: 'Overview',
  description: 'The whole system on one page, in the order in which a request passes through it.',
  rows: {
    Now: [
      figure({
        title: 'Goodput',
        description:
          'The share of the offered requests that were done within the deadline, over 30 s. The one figure that counts.',
        unit: 'percentunit',
        queries: { '{{path}}': 'path:spillway_goodput:ratio_rate30s' },
        width: 7,
        ...goodputColours,
        see: [burst, baseline],
      }),
      figure({
        title: 'Amplification',
        description:
          'Attempts at downstream for each request that came to an end, over 30 s. Above 1 the system makes work of its own.',
        queries: { '{{job}}': 'job:spillway_amplification:ratio_rate30s' },
        width: 7,
        thresholds: amplificationColours,
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
        thresholds: { 1: 'green' },
      }),
      figure({
        title: 'Alerts that fire',
        description: 'The runbook says what each of them means and what to do.',
        see: [runbook],
        unit: 'none',
        queries: { '{{alertname}}': 'sum by (alertname) (ALERTS{alertstate="firing"})' },
        width: 5,
        thresholds: { 1: 'red' },
      }),
    ],
    Load: [
      graph({
        title: 'Offered, and good',
        description:
          'What came due, and what of it was done within the deadline. The gap between the two is what callers lose.',
        unit: 'reqps',
        queries: {
          'offered, {{path}}': rate('spillway_load_offered_total', 'path'),
          'good, {{path}}': rate('spillway_load_requests_total', 'path', 'outcome="ok"'),
        },
        see: [baseline],
      }),
      graph({
        title: 'How requests end',
        description:
          'Every offered request ends in exactly one of these; see the README for what each of them means.',
        unit: 'reqps',
        queries: { '{{outcome}}, {{path}}': rate('spillway_load_requests_total', 'path, outcome') },
        stacked: true,
      }),
      graph({
        title: 'Latency from the due time',
        description:
          'From when a request was due to the news of its effect: waiting counts, wherever it happens. Beyond the deadline it is worth nothing.',
        unit: 's',
        queries: {
          ...quantiles('spillway_load_latency_seconds', 'path'),
          deadline: 'max(spillway_load_deadline_seconds)',
        },
        see: [burst],
      }),
    ],
    Gateway: [
      graph({
        title: 'Requests',
        description: 'What the gateway answered, by outcome; `gone` are callers who hung up first.',
        unit: 'reqps',
        queries: { '{{outcome}}': rate('spillway_requests_total', 'outcome', 'job="gateway"') },
        stacked: true,
      }),
      graph({
        title: 'Duration',
        description: 'From receiving a request to answering it, retries and waiting included.',
        unit: 's',
        queries: quantiles('spillway_request_duration_seconds', '', 'job="gateway"'),
      }),
      graph({
        title: 'In flight',
        description:
          'Requests received and not yet answered. It grows without bound where nothing bounds it.',
        queries: { 'in flight': 'sum(spillway_requests_in_flight{job="gateway"})' },
        see: [burst],
      }),
    ],
    Downstream: [
      graph({
        title: 'Attempts',
        description:
          'What downstream came to an end with. Attempts, not requests: retries arrive here as well.',
        unit: 'ops',
        queries: { '{{result}}': rate('spillway_attempts_total', 'result', 'job="downstream"') },
        stacked: true,
      }),
      graph({
        title: 'Work in flight',
        description:
          'What downstream works on at once. Beyond its knee everything takes longer, for everybody.',
        queries: { '{{instance}}': 'spillway_work_in_flight' },
        see: [burst],
      }),
      graph({
        title: 'Duration',
        description: 'From receiving an attempt to answering it.',
        unit: 's',
        queries: quantiles('spillway_request_duration_seconds', '', 'job="downstream"'),
      }),
      graph({
        title: 'Effects',
        description:
          'Work that was done, by whether its caller still waited; what is done for those who have gone is wasted.',
        unit: 'ops',
        queries: { 'caller {{caller}}': rate('spillway_effects_total', 'caller') },
        stacked: true,
        see: [burst],
      }),
    ],
    Publisher: [
      graph({
        title: 'Events published',
        description:
          'What became of the events that callers handed in: only what is accepted, or was before, is in the stream.',
        unit: 'reqps',
        queries: { '{{result}}': rate('spillway_published_total', 'result') },
        stacked: true,
      }),
      graph({
        title: 'Duration',
        description: "From receiving an event to answering it, after the stream's acknowledgement.",
        unit: 's',
        queries: quantiles('spillway_request_duration_seconds', '', 'job="publisher"'),
      }),
      graph({
        title: 'In flight',
        description: 'Events that wait for the acknowledgement of the stream.',
        queries: { 'in flight': 'sum(spillway_requests_in_flight{job="publisher"})' },
      }),
    ],
    Stream: [
      graph({
        title: 'Backlog',
        description: 'Events in the work stream, against the most that it takes; then it refuses.',
        queries: { events: 'max(spillway_stream_messages)', limit: 'max(spillway_stream_limit)' },
      }),
      oldest,
    ],
    Consumer: [
      deliveries,
      graph({
        title: 'Duration',
        description: 'For how long a delivery keeps a handler, the retries of the policies included.',
        unit: 's',
        queries: quantiles('spillway_delivery_duration_seconds'),
      }),
      graph({
        title: 'Handlers',
        description:
          'Deliveries that are worked on, against the most that may be: this bound is what protects downstream.',
        queries: { busy: 'sum(spillway_deliveries_in_flight)', limit: 'sum(spillway_deliveries_limit)' },
        see: [burst],
      }),
    ],
    'Dead letters': [letters, givenUp],
  },
});
