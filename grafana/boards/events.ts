import { board } from '#grafana/board.ts';
import { figure, graph } from '#grafana/panels.ts';
import { rate } from '#grafana/promql.ts';

export const events = board({
  uid: 'spillway-events',
  title: 'Events',
  description: 'The path through the broker: backlog, its age, redeliveries and dead letters.',
  rows: {
    'Work stream': {
      'Published and finished events': graph(
        'Events that the stream accepted, and those that ended. The gap is the backlog.',
        {
          in: rate('spillway_published_total', '', 'result="accepted"'),
          out: rate('spillway_deliveries_total', '', 'result=~"ok|dead"'),
        },
        { unit: 'eps', width: 8 },
      ),
      'Pending and unacknowledged events': graph(
        'Pending: not delivered yet. Ack pending: delivered and not acknowledged.',
        { pending: 'max(spillway_stream_pending)', 'ack pending': 'max(spillway_stream_ack_pending)' },
        { width: 8, stacked: true },
      ),
      'Redelivered events': graph(
        'Unacknowledged events that were delivered more than once.',
        { redelivered: 'max(spillway_stream_redelivered)' },
        { width: 4 },
      ),
      'Stuck events': figure(
        'Events in the stream that are neither pending nor delivered: no consumer will receive them. Must be 0.',
        { stuck: 'spillway:stream_stuck_messages:min' },
        { unit: 'none', width: 4, height: 8, thresholds: { 1: 'red' } },
      ),
    },
    'Ages and forecast': {
      'Oldest event': graph(
        'Age of the oldest event in the stream. Beyond the deadline its work is wasted.',
        {
          oldest: 'max(spillway_stream_oldest_age_seconds)',
          deadline: 'max(spillway_load_deadline_seconds)',
        },
        { unit: 's' },
      ),
      Backlog: graph('Events in the stream, and its limit. A full stream refuses events.', {
        events: 'max(spillway_stream_messages)',
        limit: 'max(spillway_stream_limit)',
      }),
      'Drain forecast': graph(
        'Time until the stream is empty at the current rate. No value while it grows.',
        {
          'empty in':
            'max(spillway_stream_messages) / (max(-deriv(spillway_stream_messages[$__rate_interval])) > 0)',
        },
        { unit: 's' },
      ),
    },
    Consumer: {
      Deliveries: graph(
        'Ended deliveries by result.',
        { '{{result}}': rate('spillway_deliveries_total', 'result') },
        { unit: 'ops', width: 8, stacked: true },
      ),
      'Handlers in use': graph(
        'Handlers in use, and their limit. A higher limit protects downstream less.',
        {
          'busy, {{instance}}': 'spillway_deliveries_in_flight',
          'limit, {{instance}}': 'spillway_deliveries_limit',
        },
        { width: 8 },
      ),
      'Waiting for redelivery': graph(
        'Failed deliveries that wait in the consumer for their backoff. They occupy no handler.',
        { '{{instance}}': 'spillway_deliveries_held - spillway_deliveries_in_flight' },
        { width: 4 },
      ),
      'Redelivery ratio': figure(
        'Share of the deliveries that are followed by another, over 30 s.',
        { '{{job}}': 'job:spillway_redeliveries:ratio_rate30s' },
        { unit: 'percentunit', width: 4, height: 8, thresholds: { 0.2: 'orange', 0.5: 'red' } },
      ),
    },
    'Dead letters': {
      'Dead letters': graph(
        'Dead-lettered events, until they are redriven or purged.',
        { 'dead letters': 'max(spillway_dead_letter_messages)' },
        { thresholds: { 1: 'orange' } },
      ),
      'Dead-lettered by reason': graph(
        'Dead-lettered events a second. The dead letter has the reason in its header `Spillway-Reason`.',
        { '{{reason}}': rate('spillway_dead_letters_total', 'reason') },
        { unit: 'eps', stacked: true },
      ),
      'Oldest dead letter': graph(
        'Time since the oldest dead letter was stored.',
        { oldest: 'max(spillway_dead_letter_oldest_age_seconds)' },
        { unit: 's' },
      ),
    },
  },
});
