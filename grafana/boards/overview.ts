import { board } from '#grafana/board.ts';
import { figure, graph, states } from '#grafana/panels.ts';
import { quantile, quantiles, rate } from '#grafana/promql.ts';
import { amplificationColours, breakerStates } from './shared.ts';

export const overview = board({
  uid: 'spillway-overview',
  title: 'Overview',
  description:
    'Rate, errors and duration of each service; load, downstream, policies, events and processes in detail.',
  rows: {
    Now: {
      Goodput: figure(
        'Share of the offered requests that completed within the deadline, over 30 s.',
        { '{{path}}': 'path:spillway_goodput:ratio_rate30s' },
        { unit: 'percentunit', width: 7, base: 'red', thresholds: { 0.5: 'orange', 0.95: 'green' } },
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
    Policies: {
      'Refusals by policy': graph(
        'Calls that a policy refused.',
        { '{{policy}}, {{job}}': rate('spillway_rejections_total', 'job, policy') },
        { unit: 'ops', stacked: true },
      ),
      Retries: graph(
        'Retries and redeliveries, and retries that a policy refused.',
        {
          '{{job}}': rate('spillway_retries_total', 'job'),
          'refused by {{policy}}, {{job}}': rate('spillway_refused_retries_total', 'job, policy'),
        },
        { unit: 'ops' },
      ),
      'Breaker state': states(
        'State of each breaker, by process. A service without one is always closed.',
        { '{{job}} {{instance}}': 'max by (job, instance) (spillway_breaker_state)' },
        { values: breakerStates },
      ),
      'Bulkhead occupancy': graph(
        'Share of the slots in use. At 100 % calls wait. If the queue is full they are refused.',
        {
          '{{job}}':
            'sum by (job) (spillway_bulkhead_in_flight) / (sum by (job) (spillway_bulkhead_limit) > 0)',
        },
        { unit: 'percentunit', max: 1, thresholds: { 0.9: 'orange' } },
      ),
    },
    'Retries and queues': {
      'Backoff, p99': graph(
        'Wait before a retry or a redelivery.',
        { '{{job}}': quantile(0.99, 'spillway_backoff_seconds', 'job') },
        { unit: 's' },
      ),
      'Attempt timeouts': graph(
        'Calls cut off by the timeout or deadline policy. Downstream may go on with them.',
        { '{{job}}': rate('spillway_attempt_timeouts_total', 'job') },
        { unit: 'ops' },
      ),
      'Queued calls and retry budget': graph(
        'Calls that wait for a slot of the bulkhead, and the rest of each retry budget in its own unit.',
        {
          'queued, {{job}}': 'sum by (job) (spillway_bulkhead_queued)',
          'budget, {{job}} {{instance}}': 'spillway_retry_budget',
        },
      ),
    },
    Events: {
      Backlog: graph('Events in the stream, and its limit. A full stream refuses events.', {
        events: 'max(spillway_stream_messages)',
        limit: 'max(spillway_stream_limit)',
      }),
      'Oldest event': graph(
        'Age of the oldest event in the stream. Beyond the deadline its work is wasted.',
        {
          oldest: 'max(spillway_stream_oldest_age_seconds)',
          deadline: 'max(spillway_load_deadline_seconds)',
        },
        { unit: 's' },
      ),
      Deliveries: graph(
        'Ended deliveries by result.',
        { '{{result}}': rate('spillway_deliveries_total', 'result') },
        { unit: 'ops', stacked: true },
      ),
      'Dead letters': graph(
        'Dead-lettered events, until they are redriven or purged.',
        { 'dead letters': 'max(spillway_dead_letter_messages)' },
        { thresholds: { 1: 'orange' } },
      ),
    },
    'Deliveries and dead letters': {
      'Unacknowledged and stuck events': graph(
        'Events that wait for an acknowledgement, and those of them delivered more than once. Stuck: no consumer will receive them. Must be 0.',
        {
          'ack pending': 'max(spillway_stream_ack_pending)',
          redelivered: 'max(spillway_stream_redelivered)',
          stuck: 'spillway:stream_stuck_messages:min',
        },
      ),
      'Drain forecast and oldest dead letter': graph(
        'Time until the stream is empty at the current rate, if it shrinks, and age of the oldest dead letter.',
        {
          'empty in':
            'max(spillway_stream_messages) / (max(-deriv(spillway_stream_messages[$__rate_interval])) > 0)',
          'oldest dead letter': 'max(spillway_dead_letter_oldest_age_seconds)',
        },
        { unit: 's' },
      ),
      'Dead-lettered by reason': graph(
        'Dead-lettered events a second. The dead letter has the reason in its header `Spillway-Reason`.',
        { '{{reason}}': rate('spillway_dead_letters_total', 'reason') },
        { unit: 'eps', stacked: true },
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
