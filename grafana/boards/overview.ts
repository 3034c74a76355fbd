import { board } from '#grafana/board.ts';
import { figure, graph } from '#grafana/panels.ts';
import { quantiles, rate } from '#grafana/promql.ts';
import { amplificationColours, deadLetters, deliveries, givenUp, goodputColours, oldest } from './shared.ts';

export const overview = board({
  uid: 'spillway-overview',
  title: 'Overview',
  description: 'The whole system on one page, in the order in which a request passes through it.',
  rows: {
    Now: {
      Goodput: figure(
        'The share of the offered requests that were done within the deadline, over 30 s. The one figure that counts.',
        { '{{path}}': 'path:spillway_goodput:ratio_rate30s' },
        { unit: 'percentunit', width: 7, ...goodputColours, see: ['burst', 'baseline'] },
      ),
      Amplification: figure(
        'Attempts at downstream for each request that came to an end, over 30 s. Above 1 the system makes work of its own.',
        { '{{job}}': 'job:spillway_amplification:ratio_rate30s' },
        { width: 7, thresholds: amplificationColours, see: ['burst'] },
      ),
      'Processes that answer': figure(
        'How many processes of each service Prometheus can scrape; as many as were started when all is well.',
        { '{{job}}': 'sum by (job) (up)' },
        { unit: 'none', width: 5, base: 'red', thresholds: { 1: 'green' } },
      ),
      'Alerts that fire': figure(
        'The runbook says what each of them means and what to do.',
        { '{{alertname}}': 'sum by (alertname) (ALERTS{alertstate="firing"})' },
        { see: ['runbook'], unit: 'none', width: 5, thresholds: { 1: 'red' } },
      ),
    },
    Load: {
      'Offered, and good': graph(
        'What came due, and what of it was done within the deadline. The gap between the two is what callers lose.',
        {
          'offered, {{path}}': rate('spillway_load_offered_total', 'path'),
          'good, {{path}}': rate('spillway_load_requests_total', 'path', 'outcome="ok"'),
        },
        { unit: 'reqps', see: ['baseline'] },
      ),
      'How requests end': graph(
        'Every offered request ends in exactly one of these; see the README for what each of them means.',
        { '{{outcome}}, {{path}}': rate('spillway_load_requests_total', 'path, outcome') },
        { unit: 'reqps', stacked: true },
      ),
      'Latency from the scheduled time': graph(
        'From the scheduled time of a request to its reported completion, waiting included. Results after the deadline are worthless.',
        {
          ...quantiles('spillway_load_latency_seconds', 'path'),
          deadline: 'max(spillway_load_deadline_seconds)',
        },
        { unit: 's', see: ['burst'] },
      ),
    },
    Gateway: {
      Requests: graph(
        'What the gateway answered, by outcome; `gone` are callers who hung up first.',
        { '{{outcome}}': rate('spillway_requests_total', 'outcome', 'job="gateway"') },
        { unit: 'reqps', stacked: true },
      ),
      Duration: graph(
        'From receiving a request to answering it, retries and waiting included.',
        quantiles('spillway_request_duration_seconds', '', 'job="gateway"'),
        { unit: 's' },
      ),
      'In flight': graph(
        'Requests received and not yet answered. It grows without bound where nothing bounds it.',
        { 'in flight': 'sum(spillway_requests_in_flight{job="gateway"})' },
        { see: ['burst'] },
      ),
    },
    Downstream: {
      Attempts: graph(
        'What downstream came to an end with. Attempts, not requests: retries arrive here as well.',
        { '{{result}}': rate('spillway_attempts_total', 'result', 'job="downstream"') },
        { unit: 'ops', stacked: true },
      ),
      'Work in flight': graph(
        'Attempts that downstream works on. Beyond its knee all of them take longer.',
        { '{{instance}}': 'spillway_work_in_flight' },
        { see: ['burst'] },
      ),
      Duration: graph(
        'From receiving an attempt to answering it.',
        quantiles('spillway_request_duration_seconds', '', 'job="downstream"'),
        { unit: 's' },
      ),
      Effects: graph(
        'Work that was done, by whether its caller still waited; what is done for those who have gone is wasted.',
        { 'caller {{caller}}': rate('spillway_effects_total', 'caller') },
        { unit: 'ops', stacked: true, see: ['burst'] },
      ),
    },
    Publisher: {
      'Events published': graph(
        'What became of the events that callers handed in: only what is accepted, or was before, is in the stream.',
        { '{{result}}': rate('spillway_published_total', 'result') },
        { unit: 'reqps', stacked: true },
      ),
      Duration: graph(
        "From receiving an event to answering it, after the stream's acknowledgement.",
        quantiles('spillway_request_duration_seconds', '', 'job="publisher"'),
        { unit: 's' },
      ),
      'In flight': graph('Events that wait for the acknowledgement of the stream.', {
        'in flight': 'sum(spillway_requests_in_flight{job="publisher"})',
      }),
    },
    Stream: {
      Backlog: graph('Events in the work stream, against the most that it takes; then it refuses.', {
        events: 'max(spillway_stream_messages)',
        limit: 'max(spillway_stream_limit)',
      }),
      ...oldest,
    },
    Consumer: {
      ...deliveries,
      Duration: graph(
        'For how long a delivery keeps a handler, the retries of the policies included.',
        quantiles('spillway_delivery_duration_seconds'),
        { unit: 's' },
      ),
      Handlers: graph(
        'Deliveries that are worked on, against the most that may be: this bound is what protects downstream.',
        { busy: 'sum(spillway_deliveries_in_flight)', limit: 'sum(spillway_deliveries_limit)' },
        { see: ['burst'] },
      ),
    },
    'Dead letters': { ...deadLetters, ...givenUp },
  },
});
