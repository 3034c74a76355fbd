import { board } from '#grafana/board.ts';
import { figure, graph } from '#grafana/panels.ts';
import { quantile, quantiles, rate } from '#grafana/promql.ts';
import { amplificationColours, goodputColours } from './shared.ts';

export const overview = board({
  uid: 'spillway-overview',
  title: 'Overview',
  description: 'Rate, errors and duration of each service; load, downstream and processes in detail.',
  rows: {
    Now: {
      Goodput: figure(
        'Share of the offered requests that completed within the deadline, over 30 s.',
        { '{{path}}': 'path:spillway_goodput:ratio_rate30s' },
        { unit: 'percentunit', width: 7, ...goodputColours },
      ),
      Amplification: figure(
        'Attempts at downstream per ended request, over 30 s. Above 1: retries.',
        { '{{job}}': 'job:spillway_amplification:ratio_rate30s' },
        { width: 7, thresholds: amplificationColours },
      ),
      'Processes up': figure(
        'Processes of each service that Prometheus can scrape.',
        { '{{job}}': 'sum by (job) (up)' },
        { unit: 'none', width: 5, base: 'red', thresholds: { 1: 'green' } },
      ),
      'Firing alerts': figure(
        'The runbook explains each alert.',
        { '{{alertname}}': 'sum by (alertname) (ALERTS{alertstate="firing"})' },
        { unit: 'none', width: 5, thresholds: { 1: 'red' } },
      ),
    },
    'Rate, errors and duration': {
      'Ended requests and deliveries': graph(
        'Requests and deliveries that each service has finished, over 30 s.',
        { '{{job}}': 'job:spillway_requests:rate30s' },
        { unit: 'reqps', width: 8 },
      ),
      'Error ratio': graph(
        'Share of ended requests and deliveries that failed or were refused, over 30 s.',
        { '{{job}}': 'job:spillway_errors:ratio_rate30s' },
        { unit: 'percentunit', width: 8, max: 1, thresholds: { 0.05: 'orange' } },
      ),
      'Duration, p99': graph(
        'From a request to its answer, or how long a delivery occupies a handler, over 30 s.',
        { '{{job}}': 'job:spillway_duration_seconds:p99_rate30s' },
        { unit: 's', width: 8 },
      ),
    },
    Load: {
      'Offered and good requests': graph(
        'Scheduled requests, and those that completed within the deadline. The gap is what callers lose.',
        {
          'offered, {{path}}': rate('spillway_load_offered_total', 'path'),
          'good, {{path}}': rate('spillway_load_requests_total', 'path', 'outcome="ok"'),
        },
        { unit: 'reqps' },
      ),
      'Requests by outcome': graph(
        'Every offered request ends in exactly one outcome.',
        { '{{outcome}}, {{path}}': rate('spillway_load_requests_total', 'path, outcome') },
        { unit: 'reqps', stacked: true },
      ),
      Latency: graph(
        'From the scheduled time to the reported completion. Results after the deadline are worthless.',
        {
          ...quantiles('spillway_load_latency_seconds', 'path'),
          deadline: 'max(spillway_load_deadline_seconds)',
        },
        { unit: 's' },
      ),
    },
    Downstream: {
      'Attempts at downstream': graph(
        'Ended attempts by result. Retries are attempts, too.',
        { '{{result}}': rate('spillway_attempts_total', 'result', 'job=~"(.+-)?downstream"') },
        { unit: 'ops', stacked: true },
      ),
      'Work in flight at downstream': graph(
        'Attempts that downstream works on. Beyond its knee all of them take longer.',
        { '{{job}} {{instance}}': 'spillway_work_in_flight' },
      ),
      'Downstream duration': graph(
        'From an attempt to its answer.',
        quantiles('spillway_request_duration_seconds', '', 'job=~"(.+-)?downstream"'),
        { unit: 's' },
      ),
      Effects: graph(
        'Committed work. `gone`: its caller had given up, so it was wasted.',
        { 'caller {{caller}}': rate('spillway_effects_total', 'caller') },
        { unit: 'ops', stacked: true },
      ),
    },
    Processes: {
      'Event-loop delay, p99': graph(
        'How late timers fire. Everything in the process waits that long. Beyond a few ms its figures are in doubt.',
        { '{{job}} {{instance}}': quantile(0.99, 'spillway_event_loop_delay_seconds', 'job, instance') },
        { unit: 's', thresholds: { 0.05: 'orange' } },
      ),
      'CPU usage': graph(
        'CPU time per second, relative to one core. Near 100 % the event loop is saturated.',
        { '{{job}} {{instance}}': rate('process_cpu_seconds_total', 'job, instance') },
        { unit: 'percentunit', thresholds: { 0.9: 'orange' } },
      ),
      'Resident memory': graph(
        'Memory of the process, all included.',
        { '{{job}} {{instance}}': 'process_resident_memory_bytes' },
        { unit: 'bytes' },
      ),
    },
  },
});
